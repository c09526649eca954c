"""Fingerprints of birth date and sex: the same for every caller, of one person only, and the values stay inside."""

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest
from tests.cast import ANNA, BRAM
from tests.naming_process import Town, answering, now

from beeldpas.domain.errors import Malformed, Unavailable
from beeldpas.formats.fingerprints import Fingerprints, Told, read_fingerprints, read_told, write_told
from beeldpas.pseudonyms.keys import KeyBook
from beeldpas.pseudonyms.office import Office

BORN = date(1952, 3, 8)
TOLD = Told(ANNA.bsn, BORN, "F")


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return Town.build(tmp_path)


@pytest.fixture
async def office(town: Town) -> AsyncIterator[Office]:
    with answering(town.settings) as office:
        yield office


async def made(town: Town, caller: str, *people: Told) -> tuple[Fingerprints, ...]:
    asking = town.caller(caller)
    try:
        return await asking.fingerprints_of(people)
    finally:
        await asking.close()


async def test_two_callers_get_the_same_of_the_same(town: Town, office: Office) -> None:
    assert await made(town, "portal", TOLD) == await made(town, "registry", TOLD)


async def test_another_value_or_another_person_is_another_fingerprint(town: Town, office: Office) -> None:
    other = (Told(ANNA.bsn, date(1952, 3, 9), "M"), Told(BRAM.bsn, BORN, "F"))
    (own, *others) = await made(town, "portal", TOLD, *other)
    assert len({own.birth_date, own.sex, *(value for one in others for value in (one.birth_date, one.sex))}) == 6


async def test_what_is_unknown_has_none(town: Town, office: Office) -> None:
    assert await made(town, "portal", Told(ANNA.bsn, None, "")) == (Fingerprints("", ""),)


async def test_a_new_key_makes_new_ones_with_its_own_name(town: Town, office: Office) -> None:
    (before,) = await made(town, "portal", TOLD)
    file = town.settings.fingerprint_file
    KeyBook.load(file).with_new_key(now()).write(file)
    office.read_books_anew()
    (after,) = await made(town, "portal", TOLD)
    assert (before.birth_date.partition(".")[0], after.birth_date.partition(".")[0]) == ("p1", "p2")


async def test_people_are_counted_as_for_names(tmp_path: Path) -> None:
    town = Town.build(tmp_path, limit="100/minute; 100/day")
    with answering(town.settings):
        await made(town, "registry", *[TOLD] * 100)
        with pytest.raises(Unavailable):
            await made(town, "registry", TOLD)


async def test_without_its_keys_there_are_none(town: Town) -> None:
    town.settings.fingerprint_file.unlink()
    with answering(town.settings), pytest.raises(Unavailable):
        await made(town, "portal", TOLD)


def test_no_value_is_shown() -> None:
    assert "1952" not in repr(TOLD) and ANNA.bsn.reveal() not in repr(TOLD)


@pytest.mark.parametrize(
    "body",
    [
        b"", b"[]", b"{}", b'{"people": []}', b'{"people": [{"bsn": "999990019"}]}',
        b'{"people": [{"bsn": "999990019", "birth_date": "8-3-1952", "sex": "F"}]}',
        b'{"people": [{"bsn": "999990019", "birth_date": "", "sex": "X"}]}',
        b'{"people": [{"bsn": "123", "birth_date": "", "sex": ""}]}',
        b'{"people": [{"bsn": "999990019", "birth_date": "", "sex": "", "name": "Anna"}]}',
    ],
)  # fmt: skip
def test_a_question_that_is_none_is_refused(body: bytes) -> None:
    with pytest.raises(Malformed):
        read_told(body)
    with pytest.raises(Malformed):
        read_fingerprints(body, 1)


def test_no_more_than_a_hundred_at_once() -> None:
    assert len(read_told(write_told([TOLD] * 100))) == 100
    with pytest.raises(Malformed):
        read_told(write_told([TOLD] * 101))
