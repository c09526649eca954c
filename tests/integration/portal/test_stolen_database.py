"""Who steals the databases, even with the portal's own keys, can open nothing and put a name to nobody."""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64decode
from collections.abc import AsyncIterator
from contextlib import ExitStack
from dataclasses import dataclass, fields, replace
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from tests.cast import ANNA, BRAM, NOW
from tests.index_town import a_study, registry_town
from tests.mailing import ANNAS, confirmed, wants_mail
from tests.naming_process import PORTAL, answering, now, settings_for
from tests.postgres import Cluster
from tests.sharing_town import Town
from tests.thief import Loot, named_by

from beeldpas.domain.errors import Refused
from beeldpas.formats.jose import load_keys
from beeldpas.keys import public_file, write_new_keys
from beeldpas.portal.actions.redeem_share import redeem_share
from beeldpas.portal.actions.sign_in import sign_in
from beeldpas.portal.actions.start_download import start_download
from beeldpas.portal.secrets import Secrets
from beeldpas.portal.store import tables
from beeldpas.pseudonyms.settings import PseudonymsSettings
from beeldpas.web.pseudonyms import AskedPseudonyms, PseudonymSettings
from beeldpas.web.seal import Seal
from beeldpas.web.sessions import Sessions


@pytest.fixture(scope="module")
def database_url(new_database) -> str:
    """The thief takes the real one."""
    return new_database("postgresql")


@dataclass(slots=True)
class Theft:
    """A dump of the portal's database, what must not stand in it, the keys of the portal, and those of the names."""

    dump: str
    secrets: dict[str, str]
    portal_keys: list[bytes]
    names: PseudonymsSettings
    secret_of_anna: str

    @property
    def name_keys(self) -> list[bytes]:
        """What the process has that makes names."""
        book = json.loads(self.names.book_file("portal").read_text())
        return [urlsafe_b64decode(one["key"]) for one in book["keys"]]


@pytest.fixture
async def theft(town: Town, engine: AsyncEngine, postgres_cluster: Cluster, tmp_path: Path) -> AsyncIterator[Theft]:
    """From while Anna is signed in, a share is out and a download about to begin; names are by the real process."""
    write_new_keys(tmp_path / "portal.json", "portal-1")
    names = settings_for(tmp_path, {"portal": (PORTAL, public_file(tmp_path / "portal.json"))})
    with ExitStack() as stack:
        stack.enter_context(answering(names))
        asked = _asked(names, tmp_path)
        town.house = replace(town.house, pseudonyms=asked)
        anna = await town.patient()
        await sign_in(town.house, door="patient", asker=anna)
        wants_mail(town, tmp_path)
        await confirmed(town, anna)
        made = await town.share(anna)
        provider = town.provider()
        opened = await town.redeem(provider, made)
        started = await start_download(town.house, provider, opened.share.hospitals[0].grant_handle, "nl")
        sessions = Sessions(engine, tables.session, Seal(town.house.secrets.session.values), "patient")
        values = {"bsn": ANNA.bsn.reveal(), "names": list(anna.names), "pin": made.pin.reveal()}
        visit = await sessions.begin(values, NOW)
        secrets = {
            "code": made.code.reveal(),
            "grouped code": made.code.grouped(),
            "PIN": made.pin.reveal(),
            "BSN": ANNA.bsn.reveal(),
            "session": visit.id,
            "mail address": ANNAS.reveal(),
            "one-time code": started.redirect_url.partition("code=")[2].partition("&")[0],
            "hash of the code": sha256(made.code.reveal().encode()).hexdigest(),
        }
        dump = postgres_cluster.dump(str(engine.url.database))
        await asked.close()
    yield Theft(dump, secrets, _keys_of(town.house.secrets), names, visit.id)


def _asked(names: PseudonymsSettings, folder: Path) -> AskedPseudonyms:
    settings = PseudonymSettings(socket=names.socket)
    keys = load_keys(folder / "portal.json")
    return AskedPseudonyms(settings, caller=PORTAL, keys=keys, clock=now)


def _keys_of(secrets: Secrets) -> list[bytes]:
    return [key for ring in fields(secrets) for key in getattr(secrets, ring.name).values]


def _bytes_in(dump: str) -> list[bytes]:
    """Every value of a binary column."""
    return [bytes.fromhex(found) for found in re.findall(r"'\\x([0-9a-f]+)'", dump)]


async def test_no_secret_stands_in_the_dump(theft: Theft) -> None:
    filled = {
        "share",
        "session",
        "authorization_code",
        "issued_grant",
        "access_log",
        "name_key",
        "mail_address",
        "notice",
    }
    assert filled <= set(re.findall(r"INSERT INTO public\.(\w+) ", theft.dump))
    words = {name: re.escape(value) for name, value in theft.secrets.items()}
    assert [name for name, value in words.items() if re.search(rf"(?<!\w){value}(?!\w)", theft.dump)] == []
    for value in _bytes_in(theft.dump):
        assert [name for name, word in theft.secrets.items() if word.encode() in value] == []


async def test_every_column_and_json_value_hashed_every_way_puts_a_name_to_nobody(theft: Theft) -> None:
    assert named_by(Loot([theft.dump]), []) == set()


async def test_with_the_portals_own_keys_too_but_not_those_of_the_names_still_nobody(theft: Theft) -> None:
    assert len(theft.portal_keys) == len(fields(Secrets))
    assert named_by(Loot([theft.dump]), theft.portal_keys) == set()


async def test_with_the_keys_of_the_names_everybody_has_a_name_so_those_are_what_is_kept_apart(theft: Theft) -> None:
    assert named_by(Loot([theft.dump]), theft.name_keys) == {ANNA.bsn.reveal()}


async def test_what_the_process_keeps_names_nobody_by_itself(theft: Theft) -> None:
    kept = [file.read_text() for file in theft.names.state_dir.iterdir()]
    assert kept
    assert named_by(Loot(kept), [*theft.name_keys, *theft.portal_keys]) == set()


async def test_a_sealed_session_opens_with_its_cookie_only_not_with_the_portals_keys(theft: Theft) -> None:
    sealed = [value for value in _bytes_in(theft.dump) if len(value) > 64]
    assert sealed
    hashes = {*re.findall(r"'([0-9a-f]{64})'", theft.dump)}
    contexts = [f"session:patient:{one}".encode() for one in hashes]
    for key in theft.portal_keys:
        opened = [Seal([key]).open(value, context) for value in sealed for context in contexts]
        assert [plain for plain in opened if plain and ANNA.bsn.reveal().encode() in plain] == []
    mine = f"session:patient:{sha256(theft.secret_of_anna.encode()).hexdigest()}".encode()
    with_cookie = [
        Seal([key]).open(value, mine, theft.secret_of_anna) for key in theft.portal_keys for value in sealed
    ]
    assert [plain for plain in with_cookie if plain and ANNA.bsn.reveal().encode() in plain], "it was there to find"


async def test_the_registrys_dump_puts_a_name_to_nobody(
    new_database, postgres_cluster: Cluster, tmp_path: Path
) -> None:
    url = new_database("postgresql")
    with registry_town(url, tmp_path) as registry:
        names = settings_for(tmp_path, {"registry": (registry.base_url, public_file(tmp_path / "registry.json"))})
        asked = AskedPseudonyms(
            PseudonymSettings(socket=names.socket),
            caller=registry.base_url,
            keys=load_keys(tmp_path / "registry.json"),
            clock=now,
        )
        with answering(names):
            found = await asked.names_of([ANNA.bsn, BRAM.bsn])
        registry.pseudonyms.told = found
        await registry.publish("noord", a_study(ANNA.bsn), a_study(BRAM.bsn))
        await registry.search(ANNA.bsn)
        dump = postgres_cluster.dump(url.rpartition("/")[2].partition("?")[0])
        await asked.close()
    assert found[ANNA.bsn][0] in dump
    own = [urlsafe_b64decode(json.loads((tmp_path / "registry.json").read_text())["keys"][0]["d"] + "==")]
    assert named_by(Loot([dump]), own) == set()
    keys = [urlsafe_b64decode(one["key"]) for one in json.loads(names.book_file("registry").read_text())["keys"]]
    assert named_by(Loot([dump]), keys) == {ANNA.bsn.reveal(), BRAM.bsn.reveal()}


async def test_the_right_code_and_pin_open_nothing_without_the_key_files(town: Town) -> None:
    made = await town.share(await town.patient())
    thief = replace(town.house, secrets=Secrets.new())
    with pytest.raises(Refused) as refusal:
        await redeem_share(thief, town.provider(), made.code, made.pin)
    assert refusal.value.reason == "code_unknown"
