"""Hospitals disagree about whom a study is of: who is believed, who is not, and when nobody is."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from beeldpas.domain.identity import SIGN_IN, Attribute, Claim, doubts

NOORD, WEST, ZUID = (
    Claim(f"1.2.{number}", name, "1952", "F") for number, name in enumerate(("noord", "west", "zuid"))
)
values = st.sampled_from(["", "1952", "1961", "1970"])
claims = st.lists(
    st.builds(
        Claim, st.sampled_from(["1.2.1", "1.2.2", "1.2.3"]), st.sampled_from(["noord", "west", "zuid", "oost"]),
        values, st.sampled_from(["", "F", "M"]),
    ),
    max_size=9,
)  # fmt: skip


def told(*some: Claim, **known: str) -> list[tuple[str, str, tuple[str, ...], bool]]:
    signed_in = {Attribute(name): value for name, value in known.items()}
    return [(one.hospital, one.attribute, one.against, one.is_outvoted) for one in doubts(some, signed_in)]


def test_who_agrees_is_believed() -> None:
    assert told(NOORD, WEST, ZUID) == []


def test_two_against_one() -> None:
    assert told(NOORD, WEST, replace(ZUID, birth_date="1961")) == [("zuid", "birth_date", ("noord", "west"), True)]
    assert told(NOORD, WEST, replace(ZUID, sex="M")) == [("zuid", "sex", ("noord", "west"), True)]


def test_one_word_against_another_is_believed_of_neither() -> None:
    assert told(NOORD, replace(WEST, birth_date="1961")) == [
        ("noord", "birth_date", ("west",), False),
        ("west", "birth_date", ("noord",), False),
    ]


def test_a_third_who_says_something_else_again_decides_nothing() -> None:
    found = told(NOORD, replace(WEST, birth_date="1961"), replace(ZUID, birth_date="1970"))
    assert {(hospital, outvoted) for hospital, _, _, outvoted in found} == {
        ("noord", False), ("west", False), ("zuid", False),
    }  # fmt: skip


def test_what_the_sign_in_says_is_right_whoever_says_otherwise() -> None:
    assert told(NOORD, WEST, birth_date="1961") == [
        ("noord", "birth_date", (SIGN_IN,), True),
        ("west", "birth_date", (SIGN_IN,), True),
    ]
    assert told(NOORD, replace(WEST, birth_date="1961"), birth_date="1952") == [
        ("west", "birth_date", (SIGN_IN,), True)
    ]


def test_a_hospital_with_many_studies_counts_once() -> None:
    many = [replace(ZUID, study_uid=f"1.3.{number}", birth_date="1961") for number in range(50)]
    found = doubts([NOORD, WEST, *many])
    assert {one.hospital for one in found} == {"zuid"} and len(found) == 50


def test_a_hospital_that_contradicts_itself_alone_is_not_believed() -> None:
    found = told(NOORD, replace(NOORD, study_uid="1.2.9", birth_date="1961"))
    assert found == [("noord", "birth_date", ("noord",), False)] * 2


@given(claims, st.permutations(range(9)), values)
def test_neither_order_nor_repeating_changes_anything(some: list[Claim], order: list[int], known: str) -> None:
    signed_in = {Attribute.BIRTH_DATE: known}
    shuffled = [some[place] for place in order if place < len(some)]
    assert doubts(some, signed_in) == doubts(shuffled + some, signed_in)


@given(claims)
def test_something_is_doubted_just_when_two_values_meet(some: list[Claim]) -> None:
    found = {one.attribute for one in doubts(some)}
    for attribute in Attribute:
        said = {claim.says(attribute) for claim in some} - {""}
        assert (attribute in found) == (len(said) > 1)


@given(claims)
def test_who_says_nothing_is_never_doubted_and_casts_no_doubt(some: list[Claim]) -> None:
    silent = Claim("1.9", "stil")
    assert doubts([*some, silent]) == doubts(some)


@given(st.integers(1, 4), st.lists(st.sampled_from(["", "1961", "1970"]), max_size=4), st.data())
def test_what_most_hospitals_say_stands_and_everything_else_falls(
    many: int, others: list[str], data: st.DataObject
) -> None:
    right = [Claim("1.2.1", f"goed-{number}", "1952") for number in range(max(many, len(others) + 1))]
    wrong = [Claim("1.2.1", f"fout-{number}", value) for number, value in enumerate(others)]
    found = doubts(data.draw(st.permutations(right + wrong)))
    assert {one.hospital for one in found} == {one.hospital for one in wrong if one.birth_date}
    assert all(one.is_outvoted and {claim.hospital for claim in right} <= {*one.against} for one in found)


@given(claims, st.sampled_from(["1952", "1961"]))
def test_beside_a_sign_in_exactly_what_says_otherwise_falls(some: list[Claim], known: str) -> None:
    found = {(one.study_uid, one.hospital) for one in doubts(some, {Attribute.BIRTH_DATE: known})
             if one.attribute is Attribute.BIRTH_DATE}  # fmt: skip
    assert found == {(one.study_uid, one.hospital) for one in some if one.birth_date not in ("", known)}
