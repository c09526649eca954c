"""Who steals the portal's database, without the files of its keys, can open nothing and put a name to nobody."""

from __future__ import annotations

import re
from dataclasses import replace
from hashlib import sha256

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from tests.cast import ANNA, NOW
from tests.postgres import Cluster
from tests.sharing_town import Town

from beeldpas.domain.errors import Refused
from beeldpas.portal.actions.redeem_share import redeem_share
from beeldpas.portal.actions.start_download import start_download
from beeldpas.portal.secrets import Secrets
from beeldpas.portal.store import tables
from beeldpas.web.seal import Seal
from beeldpas.web.sessions import Sessions


@pytest.fixture(scope="module")
def database_url(new_database) -> str:
    """The thief takes the real one."""
    return new_database("postgresql")


@pytest.fixture
async def loot(town: Town, engine: AsyncEngine, postgres_cluster: Cluster) -> tuple[str, dict[str, str]]:
    """A dump from while Anna is signed in, a share is out and a download about to begin; and what it must lack."""
    anna = await town.patient()
    made = await town.share(anna)
    provider = town.provider()
    opened = await town.redeem(provider, made)
    grant = opened.share.hospitals[0].grant_handle
    started = await start_download(town.house, provider, grant, "nl")
    sessions = Sessions(engine, tables.session, Seal(town.house.secrets.session.values), "patient")
    visit = await sessions.begin({"bsn": ANNA.bsn.reveal(), "pin": made.pin.reveal()}, NOW)
    secrets = {
        "code": made.code.reveal(),
        "grouped code": made.code.grouped(),
        "PIN": made.pin.reveal(),
        "BSN": ANNA.bsn.reveal(),
        "session": visit.id,
        "one-time code": started.redirect_url.partition("code=")[2].partition("&")[0],
        "hash of the code": sha256(made.code.reveal().encode()).hexdigest(),
        "hash of the BSN": sha256(ANNA.bsn.reveal().encode()).hexdigest(),
    }
    return postgres_cluster.dump(str(engine.url.database)), secrets


async def test_no_secret_stands_in_the_dump(loot: tuple[str, dict[str, str]]) -> None:
    dump, secrets = loot
    filled = {"share", "session", "authorization_code", "issued_grant", "access_log"}
    assert filled <= set(re.findall(r"INSERT INTO public\.(\w+) ", dump))
    words = {name: re.escape(value) for name, value in secrets.items()}
    assert [name for name, value in words.items() if re.search(rf"(?<!\w){value}(?!\w)", dump)] == []


async def test_the_right_code_and_pin_open_nothing_without_the_key_files(town: Town) -> None:
    made = await town.share(await town.patient())
    thief = replace(town.house, secrets=Secrets.new())
    with pytest.raises(Refused) as refusal:
        await redeem_share(thief, town.provider(), made.code, made.pin)
    assert refusal.value.reason == "code_unknown"
