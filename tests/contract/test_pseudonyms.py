"""The port behind which names are made: whoever fits it passes these. A national service is one more line below."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pytest
from tests.cast import ANNA, BRAM
from tests.memory_pseudonyms import MemoryPseudonyms
from tests.naming_process import PORTAL, Town, answering, now
from tests.running import running

from beeldpas.domain.errors import Unavailable
from beeldpas.formats.jose import load_keys
from beeldpas.portal.pseudonym import Pseudonyms
from beeldpas.pseudonyms.app import build_app
from beeldpas.pseudonyms.keys import KeyBook
from beeldpas.pseudonyms.office import Office
from beeldpas.web.pseudonyms import AskedPseudonyms, PseudonymSettings
from beeldpas.web.serve import harden


@dataclass(frozen=True, slots=True)
class Maker:
    """Who makes names, how it gets a new key, and how it goes away."""

    port: Pseudonyms
    rotate: Callable[[], None]
    go: Callable[[], None]


class Kind(Protocol):
    """How one kind is set up below a folder."""

    def __call__(self, folder: Path) -> AsyncIterator[Maker]: ...


async def in_memory(_folder: Path) -> AsyncIterator[Maker]:
    """What tests of the portal use."""
    memory = MemoryPseudonyms()
    yield Maker(memory, memory.rotate, lambda: setattr(memory, "down", True))


async def over_a_socket(folder: Path) -> AsyncIterator[Maker]:
    """The process, on a UNIX socket."""
    town = Town.build(folder)
    with ExitStack() as stack:
        office = stack.enter_context(answering(town.settings))
        client = town.caller("portal")
        yield Maker(client, lambda: _rotate(office), stack.close)
        await client.close()


async def over_http(folder: Path) -> AsyncIterator[Maker]:
    """The process, on a loopback port."""
    office = Office.open(Town.build(folder).settings, now)
    with ExitStack() as stack:
        port = stack.enter_context(running(harden(build_app(office))))
        settings = PseudonymSettings(base_url=f"http://127.0.0.1:{port}")
        client = AskedPseudonyms(settings, caller=PORTAL, keys=load_keys(folder / "portal.json"), clock=now)
        yield Maker(client, lambda: _rotate(office), stack.close)
        await client.close()


def _rotate(office: Office) -> None:
    file = office.settings.book_file("portal")
    KeyBook.load(file).with_new_key(now()).write(file)
    office.read_books_anew()


KINDS: dict[str, Kind] = {"memory": in_memory, "socket": over_a_socket, "http": over_http}


@pytest.fixture(params=KINDS)
async def maker(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Maker]:
    """One of each kind."""
    async for one in KINDS[request.param](tmp_path):
        yield one


async def test_a_person_has_a_name_and_keeps_it(maker: Maker) -> None:
    names = await maker.port.names(ANNA.bsn)
    assert len(names) == 1 and names == await maker.port.names(ANNA.bsn)
    assert ANNA.bsn.reveal() not in names[0] and len(names[0]) <= 96


async def test_two_people_have_two_names(maker: Maker) -> None:
    assert await maker.port.names(ANNA.bsn) != await maker.port.names(BRAM.bsn)


async def test_after_a_new_key_the_new_name_comes_first_and_the_old_one_is_known(maker: Maker) -> None:
    (old,) = await maker.port.names(ANNA.bsn)
    maker.rotate()
    newest, *older = await maker.port.names(ANNA.bsn)
    assert newest != old and older == [old]
    assert newest.partition(".")[0] != old.partition(".")[0], "each begins with the name of its key"


async def test_who_does_not_answer_has_no_names_to_give(maker: Maker) -> None:
    await maker.port.names(ANNA.bsn)
    maker.go()
    with pytest.raises(Unavailable):
        await maker.port.names(ANNA.bsn)
