"""Who may look for whom, on every day that matters: the eve of a birthday, the day itself, 29 February."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beeldpas.domain.errors import Malformed
from beeldpas.domain.representation import (
    AgeClass,
    Born,
    Relation,
    age_on,
    birthday,
    holds_until,
    refusal,
)

DAYS = st.dates(date(1900, 1, 1), date(2150, 12, 31))
LEAP = date(2016, 2, 29)


def why_not(relation: Relation, born: date, today: date) -> str | None:
    return refusal(relation, Born.on(born), today)


def test_a_parent_looks_for_a_child_until_the_eve_of_its_twelfth_birthday() -> None:
    born = date(2014, 11, 25)
    assert why_not(Relation.PARENT, born, date(2026, 11, 24)) is None
    assert why_not(Relation.PARENT, born, date(2026, 11, 25)) == "rep_child_12_15"
    assert why_not(Relation.PARENT, born, date(2030, 11, 24)) == "rep_child_12_15"
    assert why_not(Relation.PARENT, born, date(2030, 11, 25)) == "rep_child_16"


def test_a_mandate_counts_from_the_sixteenth_birthday() -> None:
    born = date(2010, 11, 25)
    assert why_not(Relation.MANDATE, born, date(2026, 11, 24)) == "rep_mandate_too_young"
    assert why_not(Relation.MANDATE, born, date(2026, 11, 25)) is None
    assert why_not(Relation.MANDATE, date(2020, 1, 1), date(2026, 11, 25)) == "rep_mandate_too_young"


def test_who_was_born_on_29_february_is_a_year_older_on_1_march_of_other_years() -> None:
    assert [age_on(LEAP, day) for day in (date(2027, 2, 28), date(2027, 3, 1))] == [10, 11]
    assert [age_on(LEAP, day) for day in (date(2028, 2, 28), date(2028, 2, 29))] == [11, 12]
    assert birthday(date(2088, 2, 29), 12) == date(2100, 3, 1), "2100 has no 29 February"
    assert why_not(Relation.PARENT, date(2088, 2, 29), date(2100, 2, 28)) is None
    assert why_not(Relation.PARENT, date(2088, 2, 29), date(2100, 3, 1)) == "rep_child_12_15"


@given(born=DAYS, age=st.integers(0, 110))
def test_an_age_begins_on_the_birthday_and_not_a_day_earlier(born: date, age: int) -> None:
    day = birthday(born, age)
    assert age_on(born, day) == age
    assert age_on(born, day - timedelta(days=1)) == age - 1


@given(today=DAYS, age=st.integers(0, 40), off=st.integers(-800, 800))
def test_an_age_tells_exactly_who_may_have_been_born_when(today: date, age: int, off: int) -> None:
    known = Born.aged(age, today)
    somebody = known.latest + timedelta(days=off)
    assert (known.earliest <= somebody <= known.latest) == (age_on(somebody, today) == age)


@given(born=DAYS, today=DAYS, relation=st.sampled_from(Relation))
def test_nobody_of_twelve_to_fifteen_is_ever_looked_for(born: date, today: date, relation: Relation) -> None:
    age, why = age_on(born, today), why_not(relation, born, today)
    allowed = (0 <= age < 12) if relation is Relation.PARENT else age >= 16
    assert (why is None) == allowed
    if 12 <= age < 16:
        assert why in ("rep_child_12_15", "rep_mandate_too_young")


@given(born=DAYS, before=st.integers(0, 5000), year=st.booleans())
def test_a_parents_look_ends_before_the_child_can_be_twelve(born: date, before: int, year: bool) -> None:
    known = Born.in_year(born.year) if year else Born.on(born)
    end = holds_until(Relation.PARENT, known)
    assert end is not None
    today = end - timedelta(days=before)
    if known.latest <= today:
        assert (refusal(Relation.PARENT, known, today) is None) == (before > 0)


@given(today=DAYS, age=st.integers(0, 40), relation=st.sampled_from(Relation), later=st.integers(0, 3))
def test_what_is_not_certain_counts_against_looking(today: date, age: int, relation: Relation, later: int) -> None:
    known, then = Born.aged(age, today), today + timedelta(days=later)
    if refusal(relation, known, then) is None:
        assert why_not(relation, known.earliest, then) is None
        assert why_not(relation, known.latest, then) is None


def test_a_year_of_birth_is_enough_unless_a_birthday_in_it_matters() -> None:
    today = date(2026, 11, 24)
    assert Born.in_year(2018).age_class(today) is AgeClass.CHILD
    assert Born.in_year(2014).age_class(today) is None, "eleven or twelve: nobody knows"
    assert refusal(Relation.PARENT, Born.in_year(2014), today) == "rep_age_unknown"
    assert Born.in_year(2026).age_class(today) is None, "not born yet, or born: nobody knows"


@pytest.mark.parametrize("years", [-1, 131, 10**9])
def test_an_age_that_nobody_has_is_no_age(years: int) -> None:
    with pytest.raises(Malformed):
        Born.aged(years, date(2026, 11, 24))


def test_a_mandate_does_not_end_by_growing_older() -> None:
    assert holds_until(Relation.MANDATE, Born.on(date(1950, 1, 1))) is None
