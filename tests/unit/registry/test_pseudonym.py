"""A pseudonym names nobody without its key, and survives the next key."""

import json
from base64 import urlsafe_b64encode
from hashlib import sha256
from pathlib import Path

import pytest
from tests.cast import ANNA, BRAM

from beeldpas.domain.errors import Malformed
from beeldpas.registry.pseudonym import Pseudonyms, write_new_keys

OLD, NEW = Pseudonyms({"a": b"o" * 32}), Pseudonyms({"b": b"n" * 32, "a": b"o" * 32})


def test_a_person_has_one_pseudonym_under_one_key() -> None:
    assert OLD.newest(ANNA.bsn) == OLD.newest(ANNA.bsn) != OLD.newest(BRAM.bsn)
    assert OLD.newest(ANNA.bsn).startswith("a.")


def test_it_is_not_the_hash_that_anybody_can_compute() -> None:
    bsn = ANNA.bsn.reveal().encode()
    guesses = {sha256(bsn).hexdigest(), sha256(b"o" * 32 + bsn).hexdigest()}
    assert OLD.newest(ANNA.bsn).removeprefix("a.") not in guesses
    assert ANNA.bsn.reveal() not in OLD.newest(ANNA.bsn)


def test_what_was_stored_under_the_old_key_is_still_found() -> None:
    assert OLD.newest(ANNA.bsn) in NEW.all(ANNA.bsn)
    assert NEW.newest(ANNA.bsn).startswith("b.")


def test_new_keys_are_for_their_owner_and_never_replaced(tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    write_new_keys(file, "1")
    assert file.stat().st_mode & 0o777 == 0o600
    assert Pseudonyms.load(file).newest(ANNA.bsn).startswith("1.")
    with pytest.raises(FileExistsError):
        write_new_keys(file, "1")


def test_keys_do_not_show_themselves() -> None:
    assert "oooo" not in repr(OLD)


@pytest.mark.parametrize(
    "keys",
    [
        [],
        [{"id": "1"}],
        [{"id": "1", "key": urlsafe_b64encode(b"short").decode()}],
        [{"id": "a name that is too long", "key": urlsafe_b64encode(b"k" * 32).decode()}],
    ],
)
def test_keys_that_protect_nobody_are_refused(tmp_path: Path, keys: list[dict[str, str]]) -> None:
    file = tmp_path / "keys.json"
    file.write_text(json.dumps({"pseudonym": keys}))
    with pytest.raises(Malformed):
        Pseudonyms.load(file)
