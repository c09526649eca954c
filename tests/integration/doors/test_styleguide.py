"""The styleguide: every component on one page, in the demo and nowhere else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.portal_doors import Doors
from tests.sharing_town import Town

from beeldpas.assets import asset
from beeldpas.database.engine import open_engine

PATHS = (
    "/styleguide",
    "/en/styleguide",
    "/styleguide?door=helpdesk&text=larger",
    "/styleguide?door=%00&text=<script>",
)
# What only one page wears, or what a page needs to be seen whole.
ELSEWHERE = {"overview", "download", "person", "qr", "state", "two", "for-patient", "large-field", "short", "first"}


async def shown(database: str, keys_folder: Path, path: str) -> str:
    """The styleguide as the demo shows it."""
    engine = open_engine(database)
    page = await Doors.build(Town.build(engine), keys_folder, "demo").visitor().client.get(path)
    await engine.dispose()
    assert page.status_code == 200
    return page.text


@pytest.mark.parametrize("path", PATHS)
async def test_production_has_none(doors: Doors, path: str) -> None:
    assert (await doors.visitor().get(path)).status == 404


@pytest.mark.parametrize("path", PATHS)
async def test_the_demo_has_it_and_takes_only_what_is_offered(database: str, keys_folder: Path, path: str) -> None:
    assert "script>" not in await shown(database, keys_folder, path)


async def test_it_shows_what_the_shared_stylesheets_dress(database: str, keys_folder: Path) -> None:
    page = await shown(database, keys_folder, "/styleguide")
    worn = {name for classes in re.findall(r'class="([^"]*)"', page) for name in classes.split()}
    styles = asset("frontend/templates").parent / "styles"
    rules = "".join((styles / f"{name}.css").read_text() for name in ("components", "lists", "forms", "tables"))
    dressed = set(re.findall(r"\.([a-z][a-z-]*)", re.sub(r"/\*.*?\*/", "", rules, flags=re.DOTALL)))
    assert dressed - worn - ELSEWHERE == set(), "show them on the styleguide"
