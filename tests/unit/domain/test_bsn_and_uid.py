"""Numbers that name people and studies: what passes and what does not."""

import pickle

import pytest
from tests.cast import ANNA, BRAM, CEES

from beeldpas.domain.bsn import BSN
from beeldpas.domain.errors import Malformed
from beeldpas.domain.uid import is_uid, parse_uid


def test_the_whole_cast_has_numbers_that_could_have_been_issued() -> None:
    assert len({ANNA.bsn, BRAM.bsn, CEES.bsn}) == 3


def test_eight_digits_get_their_leading_zero_back() -> None:
    assert BSN.parse("10000008") == BSN.parse("010000008")


@pytest.mark.parametrize(
    "text", ["", "900022868", "999940003", "000000000", "99999001", "9999900199", "99999O019", "-99990019"]
)
def test_a_number_that_fails_the_eleven_test_is_refused(text: str) -> None:
    with pytest.raises(Malformed, match="bsn"):
        BSN.parse(text)


def test_a_number_that_is_only_right_with_more_than_one_zero_before_it_is_refused() -> None:
    assert BSN.parse("1000007".zfill(8))
    with pytest.raises(Malformed, match="bsn"):
        BSN.parse("1000007")


def test_a_number_never_shows_itself_and_is_never_pickled() -> None:
    assert "999990019" not in f"{ANNA} {ANNA.bsn} {ANNA.bsn!r}"
    with pytest.raises(TypeError):
        pickle.dumps(ANNA.bsn)


@pytest.mark.parametrize("uid", ["1.2", "1.2.840.10008.1.2.1", "2.25." + "9" * 38, "0.1"])
def test_uids_of_the_standard_are_uids(uid: str) -> None:
    assert parse_uid(uid) == uid


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1",
        "1.2.",
        ".1.2",
        "1..2",
        "1.02",
        "1.2\x00",
        "1.2 ",
        "1.2/../3",
        "1.2%2e",
        "1.a",
        "1.2\n",
        "1." + "1" * 63,
    ],
)
def test_a_uid_with_a_trailing_dot_or_a_path_trick_is_none(text: str) -> None:
    assert not is_uid(text)
    with pytest.raises(Malformed, match="uid"):
        parse_uid(text)
