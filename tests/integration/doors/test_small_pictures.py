"""Small pictures in the list: only for who switched them on, from the hospitals of the page, told in one line."""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64decode
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from tests.cast import ANNA
from tests.portal_doors import SAME_SITE, Doors, Visitor
from tests.sharing_town import BRAMS_CT, HEAD_CT

from beeldpas.audit.events import Use
from beeldpas.demo.check.page import Page
from beeldpas.portal.actions.record_use import UseReport, record_use
from beeldpas.portal.pages.security_policy import content_security_policy
from beeldpas.portal.store import staging

SWITCHED_ON = {"language": "nl", "text_size": "normal", "thumbnails": "yes"}
PLACE = re.compile(r'class="small-picture"[^>]* data-hospital="(\w+)" data-study="([\d.]+)"')
SETTINGS = re.compile(r'<script type="application/json" id="small-pictures">(.*?)</script>', re.DOTALL)


async def with_pictures(doors: Doors) -> Visitor:
    """Anna, who switched small pictures on."""
    anna = await doors.patient()
    await anna.post("/settings", SWITCHED_ON)
    return anna


async def asked(visitor: Visitor, hospital: str, *studies: object) -> Any:
    """What the page's script gets when it asks for a token."""
    body = {"hospital": hospital, "studies": [*studies]}
    return await visitor.client.post("/viewer-token", json=body, headers=SAME_SITE)


def claims_of(token: str) -> dict[str, Any]:
    """What a token says."""
    claims: dict[str, Any] = json.loads(urlsafe_b64decode(token.split(".")[1] + "=="))
    return claims


def at(page: Page, hospital: str) -> list[str]:
    """The studies of which the page wants pictures from a hospital."""
    return [uid for name, uid in PLACE.findall(page.html) if name == hospital]


async def test_without_the_setting_the_list_reaches_no_hospital_and_says_where_to_switch_it_on(doors: Doors) -> None:
    anna = await doors.patient()
    page = await anna.get("/timeline")
    assert "small-picture" not in page.html and "thumbnails" not in page.html
    assert page.headers["content-security-policy"] == content_security_policy(doors.town.house)
    assert "Wilt u een klein beeld bij elk onderzoek zien?" in page.text
    assert (await asked(anna, "noord", HEAD_CT)).status_code == 404


async def test_with_it_the_page_reaches_the_hospitals_of_its_pictures_only(doors: Doors) -> None:
    anna = await with_pictures(doors)
    page = await anna.get("/timeline?hospital=noord")
    found = SETTINGS.search(page.html)
    assert found and set(at(page, "noord")) and not at(page, "zuid")
    settings = json.loads(found[1])
    assert set(settings["hospitals"]) == {name for name, _ in PLACE.findall(page.html)}
    assert settings["hospitals"]["noord"] == "https://noord.example/dicom-web"
    policy = content_security_policy(doors.town.house, "thumbnails", settings["hospitals"])
    assert page.headers["content-security-policy"] == policy and "zuid.example" not in policy.partition("form-")[0]


async def test_one_hospital_gives_one_grant_for_the_studies_of_the_page_and_fetches_nothing(doors: Doors) -> None:
    anna = await with_pictures(doors)
    uids = at(await anna.get("/timeline"), "noord")
    assert len(uids) > 1
    holds = len(await doors.town.rows(staging.table))
    tokens = [(await asked(anna, "noord", *uids)).json()["access_token"] for _ in range(2)]
    claims = [claims_of(token) for token in tokens]
    assert claims[0]["grant"] == claims[1]["grant"]
    (detail,) = claims[0]["authorization_details"]
    assert (sorted(detail["studies"]), detail["basis"]) == (sorted(uids), "own")
    assert len(await doors.town.rows(staging.table)) == holds


async def test_a_study_of_somebody_else_or_none_gives_nothing(doors: Doors) -> None:
    anna = await with_pictures(doors)
    for hospital, studies in (("noord", [HEAD_CT, BRAMS_CT]), ("noord", []), ("elders", [HEAD_CT])):
        assert (await asked(anna, hospital, *studies)).status_code == 404
    assert (await asked(anna, "noord", *[f"1.2.{n}" for n in range(31)])).status_code == 404
    assert (await asked(anna, "noord", 7)).status_code == 400
    assert (await asked(doors.visitor(), "noord", HEAD_CT)).status_code == 401


@pytest.mark.parametrize(("size", "lines"), [(4_000, 1), (40_000_000, 2)])
async def test_the_patient_reads_one_line_for_a_list_and_one_more_for_a_real_look(
    doors: Doors, size: int, lines: int
) -> None:
    anna, town = await with_pictures(doors), doors.town
    uids = at(await anna.get("/timeline"), "noord")
    token = (await asked(anna, "noord", *uids)).json()["access_token"]
    grant = claims_of(token)["grant"]
    assert "de kijker" not in (await anna.get("/log?whose=all")).text
    noord = town.house.directory.by_id("noord")
    sizes = [size, *[4_000 for _ in uids[1:]]]
    now = town.clock.now + timedelta(seconds=10)
    reports = [
        UseReport(str(uuid4()), grant, Use.RETRIEVE, "ended", (uid,), each, "completed", now)
        for uid, each in zip(uids, sizes, strict=True)
    ]
    await record_use(town.house, noord, reports)
    text = (await anna.get("/log?whose=all")).text
    opened = f"U opende om 10.30 uur de lijst met kleine beelden van {len(uids)} onderzoeken bij Ziekenhuis Noord."
    assert text.count(opened) == 1, text
    assert len(re.findall(r"heeft om .{0,80} bekeken bij Ziekenhuis Noord", text)) == lines - 1, text
    assert ("40 MB" in text) is (lines == 2)
    assert ANNA.bsn.reveal() not in text
