"""A study whose hospital contradicts the others goes; what other keys made is not compared."""

from dataclasses import replace

from tests.unit.portal.registries.test_gather import a_holding, an_entry

from beeldpas.domain.identity import SIGN_IN, Claim
from beeldpas.domain.study import Elsewhere
from beeldpas.portal.registries.comparing import compared, without

NOORD, WEST = Claim("1.2.1", "noord", "p1.aa", "p1.bb"), Claim("1.2.2", "west", "p1.cc", "p1.bb")
ZUID = Claim("1.2.3", "zuid", "p1.aa", "p1.bb")


def test_fingerprints_by_one_key_are_compared() -> None:
    assert [(one.study_uid, one.hospital) for one in compared([NOORD, WEST, ZUID])] == [("1.2.2", "west")]


def test_fingerprints_by_two_keys_say_nothing_about_each_other() -> None:
    newer = replace(WEST, birth_date="p2.cc", sex="p2.dd")
    assert compared([NOORD, newer, ZUID]) == ()


def test_a_study_that_a_second_hospital_holds_stays_with_that_one() -> None:
    both = replace(an_entry("1.2.2", "west"), holdings=(a_holding("noord", False), a_holding("west", True)))
    left = without([an_entry("1.2.1"), both, an_entry("1.2.3", "west")], compared([NOORD, WEST, ZUID]))
    assert [(one.uid, [h.gateway_id for h in one.holdings]) for one in left] == [
        ("1.2.1", ["noord"]), ("1.2.2", ["noord"]), ("1.2.3", ["west"]),
    ]  # fmt: skip


def test_a_study_that_is_only_told_of_goes_with_any_doubt_about_it() -> None:
    somewhere = (Elsewhere("Ziekenhuis Oost", "", "unknown"),)
    doubted = replace(an_entry("1.2.2", "west"), holdings=(), elsewhere=somewhere)
    undoubted = replace(an_entry("1.2.4"), holdings=(), elsewhere=somewhere)
    assert without([doubted, undoubted], compared([NOORD, WEST, ZUID])) == (undoubted,)


def test_what_the_sign_in_says_is_right_whoever_says_otherwise() -> None:
    sign_in = Claim("", SIGN_IN, "p1.cc")
    found = compared([NOORD, ZUID, WEST, sign_in])
    assert [(one.study_uid, one.against, one.is_outvoted) for one in found] == [
        ("1.2.1", (SIGN_IN,), True), ("1.2.3", (SIGN_IN,), True),
    ]  # fmt: skip
    assert compared([NOORD, sign_in])[0].against == (SIGN_IN,)
    assert compared([NOORD, Claim("", SIGN_IN, "p2.cc")]) == ()
