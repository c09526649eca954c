"""A visit in a made-up language stays in it, and keeps, sends and agrees in Dutch; production has no such pages."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select
from tests.portal_doors import Doors
from tests.sharing_town import HEAD_CT, PORTAL

from beeldpas.portal.store.consents import table as consents
from beeldpas.portal.store.tables import share


@pytest.mark.parametrize("name", ["xl", "xr"])
async def test_production_does_not_know_them(doors: Doors, name: str) -> None:
    answer = await doors.visitor().get(f"/{name}/timeline")
    assert answer.status == 404
    assert 'lang="nl"' in answer.html


@pytest.mark.parametrize(("name", "direction"), [("xl", "ltr"), ("xr", "rtl")])
async def test_a_visit_stays_in_its_language(doors: Doors, keys_folder: Path, name: str, direction: str) -> None:
    demo = Doors.build(doors.town, keys_folder, "demo")
    patient = await demo.patient(language=name)
    timeline = await patient.get("/timeline")
    assert timeline.status == 200
    assert f'<html lang="nl" dir="{direction}"' in timeline.html
    assert f"{PORTAL}/{name}/shares" in timeline.links
    assert f"{PORTAL}/shares" not in timeline.links


@pytest.mark.parametrize("name", ["xl", "xr"])
async def test_what_is_kept_and_agreed_to_is_dutch(doors: Doors, keys_folder: Path, name: str) -> None:
    demo = Doors.build(doors.town, keys_folder, "demo")
    patient = await demo.patient(language=name)
    await patient.post("/share/choose", {"study": HEAD_CT, f"hospital.{HEAD_CT}": "noord"})
    check = await patient.post("/share/terms", {"for_whom": "dr. Dekker", "days": "7", "language": "nl"})
    made = await patient.post("/share/make", check.form("/share/make").values)
    assert made.status in (200, 303), made.text
    async with demo.town.house.engine.connect() as connection:
        assert set((await connection.execute(select(share.c.language))).scalars()) == {"nl"}
        assert set((await connection.execute(select(consents.c.text_name))).scalars()) == {"2026-11/nl"}
