"""The image viewer's pages: what they hand to the script, what they may reach, and who gets a token for what."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import func, select
from tests.cast import ANNA, NOORD
from tests.portal_doors import SAME_SITE, Doors, Visitor
from tests.sharing_town import HEAD_CT, KNEE_MR, previewed, study

from beeldpas.database.engine import transaction
from beeldpas.demo.check.page import Page
from beeldpas.portal.pages.security_policy import POLICIES, content_security_policy
from beeldpas.portal.pages.viewer_page import script_json
from beeldpas.portal.registries.held import ReportPreview
from beeldpas.portal.store.tables import issued_grant

SCRIPT = re.compile(r'<script type="application/json" id="viewer-settings">(.*?)</script>', re.DOTALL)


def settings_of(page: Page) -> dict[str, Any]:
    found = SCRIPT.search(page.html)
    assert found
    settings: dict[str, Any] = json.loads(found[1])
    return settings


async def looked_at(patient: Visitor, place: int = 0) -> Page:
    """The viewer's page of the study at this place of the history."""
    timeline = await patient.get("/timeline")
    keys = list(dict.fromkeys(re.findall(r"/studies/([0-9a-f]{20})", timeline.html)))
    return await patient.post(f"/studies/{keys[place]}/view")


async def own_grants(doors: Doors) -> int:
    """How many own grants there are."""
    counted = select(func.count()).select_from(issued_grant).where(issued_grant.c.basis == "own")
    async with transaction(doors.town.house.engine) as connection:
        return (await connection.execute(counted)).scalar_one()


async def provider_looks(doors: Doors, **form: str) -> tuple[Visitor, Visitor, str, Page]:
    """The patient, the care provider, the share, and the provider's page of its first study."""
    patient = await doors.patient()
    share_id, code, pin, _ = await patient.share(**form)
    visitor = doors.visitor()
    overview = await visitor.redeem(code, pin)
    views = [one for one in overview.forms if one.action.endswith("/view")]
    return patient, visitor, share_id, await visitor.post(views[0].action, dict(views[0].values))


async def test_only_pages_with_images_may_ask_the_hospitals(doors: Doors) -> None:
    house = doors.town.house
    policies = {one: content_security_policy(house, one, {"noord", "zuid"}) for one in POLICIES}
    reach = {one: dict(part.split(" ", 1) for part in policy.split("; ")) for one, policy in policies.items()}
    hospitals = "'self' https://noord.example https://zuid.example"
    assert reach["plain"]["connect-src"] == "'self'" and reach["plain"]["img-src"] == "'self'"
    for images, pictures in (("thumbnails", "'self' blob:"), ("viewer", "'self' blob: data:")):
        assert (reach[images]["connect-src"], reach[images]["img-src"]) == (hospitals, pictures)
    assert [one for one in POLICIES if "blob:" in reach[one]["frame-src"]] == ["viewer"]
    assert [one for one in POLICIES if "wasm-unsafe-eval" in reach[one]["script-src"]] == ["viewer"]
    assert all("'unsafe-inline'" not in policy for one in POLICIES for policy in reach[one].values())


async def test_the_viewers_page_alone_has_its_policy(doors: Doors) -> None:
    patient = await doors.patient()
    page = await looked_at(patient)
    shown = {urlsplit(one["dicomweb"]).hostname.partition(".")[0] for one in settings_of(page)["studies"]}
    assert page.headers["content-security-policy"] == content_security_policy(doors.town.house, "viewer", shown)
    assert (await patient.get("/shares")).headers["content-security-policy"] == content_security_policy(
        doors.town.house
    )


async def test_the_page_hands_over_studies_words_and_no_identifier_in_its_address(doors: Doors) -> None:
    page = await looked_at(await doors.patient())
    settings = settings_of(page)
    assert re.fullmatch(r".*/view/[0-9a-f]{16}", page.url)
    assert "1.2.840" not in page.url and not re.search(r"<(title|h1)>[^<]*1\.2\.840", page.html)
    assert (settings["audience"], settings["language"], settings["tokenUrl"]) == ("patient", "nl", "/viewer-token")
    assert {one["uid"] for one in settings["studies"]} >= {HEAD_CT, KNEE_MR}
    assert settings["studies"][0]["dicomweb"].endswith(".example/dicom-web")
    assert settings["words"]["viewer.next"] and "{hospital}" in settings["words"]["state.viewer_hospital_down.title"]
    english = settings_of(await looked_at(await doors.patient(language="en")))
    assert (english["language"], english["tokenUrl"]) == ("en", "/en/viewer-token")


@pytest.mark.parametrize(
    "text", ["</script><script>alert(1)</script>", "<!--<script", 'O\'Neill & "zn"', "محمد \u2028"]
)
def test_no_name_breaks_out_of_the_settings(text: str) -> None:
    written = script_json({"name": text})
    assert not set(written) & set("<>&\u2028") and json.loads(written) == {"name": text}


async def test_a_report_lies_beside_the_images_when_its_hospital_says_where(doors: Doors) -> None:
    told = ReportPreview("pdf", "</script><b>Verslag</b>", f"{HEAD_CT}.7", 20_000, series_uid=f"{HEAD_CT}.9")
    doors.town.hospitals.holds["noord"][HEAD_CT] = replace(previewed(HEAD_CT), reports=(told,))
    _, _, _, page = await provider_looks(doors)
    settings = settings_of(page)
    (head,) = (one for one in settings["studies"] if one["uid"] == HEAD_CT)
    assert head["reports"] == [
        {"title": told.title, "issued": "", "series": told.series_uid, "instance": told.sop_uid, "kind": "pdf"}
    ]
    assert "</script><b>" not in page.html


async def test_to_a_patient_a_report_lies_beside_the_images_only_after_they_chose_to_read_it(doors: Doors) -> None:
    told = ReportPreview("pdf", "Verslag", f"{HEAD_CT}.7", 20_000, series_uid=f"{HEAD_CT}.9")
    doors.town.hospitals.holds["noord"][HEAD_CT] = replace(previewed(HEAD_CT), reports=(told,))
    doors.town.registry.studies[ANNA.bsn.reveal()] = (study(HEAD_CT, NOORD),)
    patient = await doors.patient()
    page = await looked_at(patient)
    assert settings_of(page)["studies"][0]["reports"] == []
    here = next(urlsplit(link).path for link in page.links if "/studies/" in link)
    await patient.post(f"{here}/reports/1", follow=False)
    (shown,) = settings_of(await looked_at(patient))["studies"][0]["reports"]
    assert shown["instance"] == told.sop_uid
    await patient.post("/settings", {"language": "nl", "text_size": "normal", "reports_on_request": "yes"})
    assert settings_of(await looked_at(patient))["studies"][0]["reports"] == []


async def test_an_own_study_is_opened_when_the_viewer_asks_and_not_before(doors: Doors) -> None:
    patient = await doors.patient()
    before = await own_grants(doors)
    study = settings_of(await looked_at(patient))["studies"][0]
    assert await own_grants(doors) == before
    answers = [
        await patient.client.post("/viewer-token", json={"grant": study["grant"]}, headers=SAME_SITE)
        for _ in range(2)
    ]
    assert [set(answer.json()) for answer in answers] == [{"access_token", "expires_in"}] * 2
    assert await own_grants(doors) == before + 1
    stranger = await (await doors.patient()).client.post(
        "/viewer-token", json={"grant": study["grant"]}, headers=SAME_SITE
    )
    assert stranger.status_code == 404


async def test_a_viewer_that_stays_open_keeps_nobody_signed_in(doors: Doors) -> None:
    patient, provider, _, page = await provider_looks(doors)
    own = settings_of(await looked_at(patient))["studies"][0]["grant"]
    shared = settings_of(page)["studies"][0]["grant"]
    for _ in range(3):
        doors.town.clock.pass_by(minutes=4)
        for who, grant in ((patient, own), (provider, shared)):
            answer = await who.client.post("/viewer-token", json={"grant": grant}, headers=SAME_SITE)
            assert answer.status_code == 200
    doors.town.clock.pass_by(minutes=4)
    for who, grant in ((patient, own), (provider, shared)):
        answer = await who.client.post("/viewer-token", json={"grant": grant}, headers=SAME_SITE)
        assert answer.status_code == 401


async def test_a_stopped_share_gives_no_token_and_no_page(doors: Doors) -> None:
    patient, provider, share_id, page = await provider_looks(doors)
    grant = settings_of(page)["studies"][0]["grant"]
    await patient.post(f"/shares/{share_id}/stop")
    answer = await provider.client.post("/viewer-token", json={"grant": grant}, headers=SAME_SITE)
    assert answer.status_code == 403 and answer.headers["content-type"] == "application/problem+json"
    form = {"study": "x"}
    assert "gestopt" in (await provider.post(f"/provider/shares/{share_id}/view", form)).text


async def test_what_was_not_put_together_in_this_visit_is_not_there(doors: Doors) -> None:
    patient, provider, share_id, page = await provider_looks(doors)
    path = "/provider/view/" + page.url.rsplit("/", 1)[1]
    assert (await doors.visitor().get(path)).status == 404
    assert (await patient.get("/view/" + path.rsplit("/", 1)[1])).status == 404
    assert (await provider.post(f"/provider/shares/{share_id}/view", {"study": "x"})).status == 404
    assert (await patient.post("/studies/00000000000000000000/view")).status == 404
