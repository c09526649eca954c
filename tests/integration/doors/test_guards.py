"""What stands around every page: headers, the guard against other sites, limits on what comes in."""

from __future__ import annotations

import re
from pathlib import Path

import httpx2
import pytest
from tests.house.tree import ROOT
from tests.portal_doors import Doors
from tests.sharing_town import Town

from beeldpas.database.engine import open_engine
from beeldpas.portal.pages.security_policy import content_security_policy


async def test_every_answer_carries_the_headers(doors: Doors) -> None:
    page = await doors.visitor().get("/")
    headers = page.headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["strict-transport-security"].startswith("max-age=31536000")


async def test_the_policy_allows_nothing_inline_and_lets_forms_lead_to_the_hospitals(doors: Doors) -> None:
    policy = (await doors.visitor().get("/s")).headers["content-security-policy"]
    assert policy == content_security_policy(doors.town.house)
    assert "unsafe-inline" not in policy
    forms = next(part for part in policy.split("; ") if part.startswith("form-action"))
    assert forms.split() == [
        "form-action", "'self'", "https://digid.example", "https://zorg.example", "https://staff.example",
        "https://noord.example", "https://west.example", "https://zuid.example",
    ]  # fmt: skip


async def test_built_files_may_be_kept_for_ever(doors: Doors) -> None:
    visitor = doors.visitor()
    styles = doors.starlette.state.pages.assets.url("styles/portal.css")
    page = await visitor.get(styles)
    assert page.headers["cache-control"] == "max-age=31536000, public, immutable"
    assert "immutable" not in (await visitor.get("/static/icon.svg")).headers["cache-control"], "it has no hash"
    for hidden in ("/static/../package.json", "/static/.vite/manifest.json", f"{styles}.br"):
        assert (await visitor.get(hidden)).status == 404


async def test_only_the_worker_that_decodes_images_may_compile(doors: Doors) -> None:
    """Its own file's policy holds for a worker: without it no compressed image could be shown."""
    visitor, built = doors.visitor(), sorted((ROOT / "frontend/dist/assets").glob("*.js"))
    policies = {one.name: await visitor.get(f"/static/assets/{one.name}") for one in built}
    may = {name for name, page in policies.items() if "wasm-unsafe-eval" in page.headers["content-security-policy"]}
    assert may and all(name.startswith("decodeImageFrameWorker-") for name in may)
    assert all(page.status == 200 for name, page in policies.items() if name in may)


@pytest.mark.parametrize(
    ("taken", "sent"),
    [
        ("br, gzip", "br"),
        ("gzip", "gzip"),
        ("gzip, br;q=0", "gzip"),
        ("identity", None),
        ("", None),
        ("broccoli, ;q=x", None),
    ],
)
async def test_built_files_come_in_the_smallest_encoding_that_the_browser_takes(
    doors: Doors, taken: str, sent: str | None
) -> None:
    styles = doors.starlette.state.pages.assets.url("styles/portal.css")
    page = await doors.visitor().client.get(styles, headers={"Accept-Encoding": taken})
    assert page.headers.get("content-encoding") == sent
    assert page.headers["vary"] == "Accept-Encoding", "a cache in between must not mix them up"
    assert page.headers["content-type"] == 'text/css; charset="utf-8"'
    assert "box-sizing" in page.text, "whatever the encoding, it is the same file"


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {},
    ],
)
async def test_another_site_changes_nothing(doors: Doors, headers: dict[str, str]) -> None:
    patient = await doors.patient()
    share_id = (await patient.share())[0]
    response = await patient.client.post(f"/shares/{share_id}/stop", headers=headers)
    assert response.status_code == 403
    assert "Wij hebben dit verzoek niet uitgevoerd" in response.text
    assert "Nog niet gebruikt" in (await patient.get("/shares")).text
    english = await patient.client.post(f"/en/shares/{share_id}/stop", headers=headers)
    assert english.status_code == 403
    assert "We did not carry out this request" in english.text


async def test_a_form_that_is_no_form_or_far_too_large_is_refused(doors: Doors) -> None:
    patient = await doors.patient()
    same = {"Sec-Fetch-Site": "same-origin"}
    as_json = await patient.client.post("/share/choose", json={"study": "1.2"}, headers=same)
    assert as_json.status_code == 400
    huge = await patient.client.post("/share/choose", data={"study": "1" * 4_100_000}, headers=same)
    assert huge.status_code == 413
    many = await patient.client.post(
        "/share/choose",
        content="study=1&" * 30_000,
        headers=same | {"Content-Type": "application/x-www-form-urlencoded"},
    )
    assert many.status_code == 400
    strange = await patient.client.post(
        "/share/choose", content="study=%00", headers=same | {"Content-Type": "application/x-www-form-urlencoded"}
    )
    assert strange.status_code == 400


@pytest.mark.parametrize("uid", ["1.2.3.", "1..2", "../../etc", "1.2.840.99999999999", "x" * 100])
async def test_a_uid_that_is_none_or_somebody_elses_is_never_shared(doors: Doors, uid: str) -> None:
    patient = await doors.patient()
    page = await patient.post("/share/choose", {"study": uid, f"hospital.{uid}": "noord"})
    if page.status != 400:
        page = await patient.post("/share/terms", {"for_whom": "x", "days": "7", "language": "nl"})
        assert "/share/make" not in [form.action for form in page.forms]


async def test_an_error_nobody_foresaw_is_a_page_with_a_number_and_all_headers(
    doors: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_arguments: object, **_named: object) -> None:
        raise ZeroDivisionError("999990019")

    patient = await doors.patient(language="en")
    await patient.share()
    monkeypatch.setattr("beeldpas.portal.patient.shares.words_of", broken)
    patient.client._transport = httpx2.ASGITransport(app=doors.app, raise_app_exceptions=False)
    page = await patient.get("/shares")
    assert (page.status, "<h1>Something went wrong on our side</h1>" in page.html) == (500, True)
    assert re.search(r"give number [0-9a-f]{8}", page.text)
    assert "999990019" not in page.html
    assert page.headers["cache-control"] == "no-store"
    assert "content-security-policy" in page.headers


async def test_without_its_database_the_portal_says_that_it_does_not_work_now(
    keys_folder: Path, tmp_path: Path
) -> None:
    engine = open_engine(f"sqlite+aiosqlite:///{tmp_path}/empty.db")
    visitor = Doors.build(Town.build(engine), keys_folder).visitor()
    visitor.client.cookies.set("__Host-patient", "x")
    page = await visitor.get("/timeline")
    assert (page.status, "<h1>Dit werkt nu niet</h1>" in page.html) == (503, True)
    assert page.headers["retry-after"] == "5"
    assert (await visitor.get("/help")).status == 200
    await engine.dispose()


async def test_machines_get_machines_errors(doors: Doors) -> None:
    visitor = doors.visitor()
    assert (await visitor.get("/status/nowhere")).headers["content-type"] == "application/problem+json"
    token = await visitor.client.post("/token", data={"grant_type": "authorization_code"})
    assert token.json() == {"error": "invalid_client"}
    viewer = await visitor.client.post(
        "/viewer-token", json={"grant": "x"}, headers={"Sec-Fetch-Site": "same-origin"}
    )
    assert (viewer.status_code, viewer.headers["content-type"]) == (401, "application/problem+json")
    assert (await visitor.get("/health/live")).status == 200
    assert (await visitor.get("/health/ready")).status == 200


async def test_figures_are_for_the_machine_itself(doors: Doors) -> None:
    visitor = doors.visitor()
    assert "beeldpas_portal_sessions" in (await visitor.get("/metrics")).html
    assert (await visitor.get("/metrics", **{"X-Forwarded-For": "192.0.2.1"})).status == 404
