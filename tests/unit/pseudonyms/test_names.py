"""A name tells nobody who it is without its key, and is another for every program that asks."""

import json
import stat
from base64 import urlsafe_b64encode
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from tests.cast import ANNA, BRAM

from beeldpas.domain.errors import Malformed
from beeldpas.pseudonyms.derive import names_of
from beeldpas.pseudonyms.keys import KeyBook, NameKey, replace_file
from beeldpas.pseudonyms.retiring import why_not

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
BOOK = KeyBook((NameKey("p1", b"o" * 32, NOW),))
LATER = KeyBook((NameKey("p2", b"n" * 32, NOW), *BOOK.keys))


def test_a_person_has_one_name_under_one_key() -> None:
    (name,) = names_of(BOOK, "portal", ANNA.bsn)
    assert (name,) == names_of(BOOK, "portal", ANNA.bsn) != names_of(BOOK, "portal", BRAM.bsn)
    assert name.startswith("p1.") and len(name) < 96


def test_two_programs_have_two_names_for_one_person_even_under_one_key() -> None:
    assert names_of(BOOK, "portal", ANNA.bsn) != names_of(BOOK, "registry", ANNA.bsn)


def test_it_is_not_the_hash_that_anybody_can_compute() -> None:
    number = ANNA.bsn.reveal().encode()
    (name,) = names_of(BOOK, "portal", ANNA.bsn)
    assert name.removeprefix("p1.") not in {sha256(number).hexdigest(), sha256(b"o" * 32 + number).hexdigest()}
    assert ANNA.bsn.reveal() not in name


def test_what_was_stored_under_the_old_key_is_still_named_second() -> None:
    newest, older = names_of(LATER, "portal", ANNA.bsn)
    assert newest.startswith("p2.")
    assert (older,) == names_of(BOOK, "portal", ANNA.bsn)


def test_a_book_survives_its_file_that_only_the_owner_reads(tmp_path: Path) -> None:
    file = tmp_path / "portal.keys.json"
    book = KeyBook.begin(NOW).with_new_key(NOW)
    book.write(file)
    assert KeyBook.load(file) == book
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["portal.keys.json"], "nothing half-written stays"


def test_a_book_that_cannot_be_written_whole_leaves_the_old_one(tmp_path: Path) -> None:
    file = tmp_path / "portal.keys.json"
    BOOK.write(file)
    (tmp_path / "portal.keys.json~").mkdir()
    with pytest.raises(OSError):
        LATER.write(file)
    assert KeyBook.load(file) == BOOK


def test_a_name_of_a_key_is_never_given_again() -> None:
    book = LATER.without("p1").with_new_key(NOW)
    assert (book.names, book.retired) == (("p3", "p2"), ("p1",))


@pytest.mark.parametrize("name", ["p2", "p9", ""])
def test_the_newest_key_and_an_unknown_one_cannot_go(name: str) -> None:
    with pytest.raises(Malformed):
        LATER.without(name)


def test_keys_do_not_show_themselves() -> None:
    assert "oooo" not in repr(BOOK) + repr(BOOK.keys[0])


def entry(name: str = "p1", key: bytes = b"k" * 32) -> dict[str, str]:
    """One key as the file has it."""
    return {"id": name, "key": urlsafe_b64encode(key).decode(), "made_at": NOW.isoformat()}


@pytest.mark.parametrize(
    "stored",
    [
        {},
        {"keys": [], "retired": []},
        {"keys": [entry()]},
        {"keys": [entry(key=b"short")], "retired": []},
        {"keys": [entry(), entry()], "retired": []},
        {"keys": [entry()], "retired": ["p1"]},
        {"keys": [entry("a.b")], "retired": []},
        {"keys": [entry("a name that is too long")], "retired": []},
        {"keys": [{**entry(), "made_at": "yesterday"}], "retired": []},
    ],
)
def test_keys_that_protect_nobody_are_refused(tmp_path: Path, stored: dict[str, object]) -> None:
    (tmp_path / "keys.json").write_text(json.dumps(stored))
    with pytest.raises(Malformed):
        KeyBook.load(tmp_path / "keys.json")


def reported(file: Path, at: datetime, **rows: int) -> Path:
    """A report of a caller."""
    replace_file(file, json.dumps({"at": at.isoformat(), "rows": rows}))
    return file


def test_a_key_may_go_when_the_program_says_that_nothing_stands_under_it(tmp_path: Path) -> None:
    later = NOW + timedelta(hours=3)
    assert why_not(LATER, "p1", reported(tmp_path / "s", later, p1=0, p2=7), later) == ""


@pytest.mark.parametrize(
    ("hours", "report", "reason"),
    [
        (1, {"hours": 1, "p1": 0}, "sessions"),
        (3, None, "not reported"),
        (3, {"hours": 3, "p1": 1}, "1 rows stand"),
        (3, {"hours": 3, "p2": 0}, "does not speak"),
        (3, {"hours": 1, "p1": 0}, "last report"),
        (9, {"hours": 4, "p1": 0}, "last report"),
    ],
)
def test_a_key_stays_in_every_other_case(
    tmp_path: Path, hours: int, report: dict[str, int] | None, reason: str
) -> None:
    file = tmp_path / "standing.json"
    if report:
        rows = dict(report)
        reported(file, NOW + timedelta(hours=rows.pop("hours")), **rows)
    assert reason in why_not(LATER, "p1", file, NOW + timedelta(hours=hours))


def test_a_report_that_is_no_report_keeps_the_key(tmp_path: Path) -> None:
    file = tmp_path / "standing.json"
    file.write_text("{")
    assert "not reported" in why_not(LATER, "p1", file, NOW + timedelta(hours=3))


def test_the_key_that_follows_is_the_one_after_it() -> None:
    third = replace(LATER, keys=(NameKey("p3", b"3" * 32, NOW + timedelta(days=1)), *LATER.keys))
    assert "sessions" not in why_not(third, "p1", Path("/nowhere"), NOW + timedelta(hours=3))
