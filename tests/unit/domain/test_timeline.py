"""One history out of many answers: the order of arrival does not matter."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from beeldpas.domain.study import Holding, Report, Series, Study
from beeldpas.domain.timeline import Source, Timeline, merge

texts = st.sampled_from(["", "CT buik", "CT", "MR"])
days = st.none() | st.dates(date(2020, 1, 1), date(2020, 1, 4))
counts = st.none() | st.integers(0, 3)
holdings = st.builds(
    Holding, st.sampled_from(["noord", "west"]), texts, texts, st.booleans(), texts, st.booleans(), counts, counts
)
series = st.builds(Series, st.sampled_from(["1.1", "1.2"]), counts, texts, texts, counts, texts, texts, counts)
reports = st.builds(Report, st.sampled_from(["r1", "r2"]), st.just("1.9"), texts, texts, days)
studies = st.builds(
    Study,
    st.sampled_from(["1.9", "1.8"]),
    days,
    st.lists(st.sampled_from(["CT", "MR"]), max_size=2).map(tuple),
    texts,
    texts,
    texts,
    texts,
    st.lists(holdings, min_size=1, max_size=2).map(tuple),
    st.lists(series, max_size=2).map(tuple),
    st.lists(reports, max_size=2).map(tuple),
    counts,
)
answers = st.lists(studies, max_size=4)


@given(answers, answers)
def test_merging_is_commutative(one: list[Study], other: list[Study]) -> None:
    assert merge(one + other) == merge(other + one)


@given(answers, answers, answers)
def test_merging_is_associative(one: list[Study], two: list[Study], three: list[Study]) -> None:
    assert merge([*merge(one + two), *three]) == merge([*one, *merge(two + three)])


@given(answers)
def test_merging_is_idempotent(answer: list[Study]) -> None:
    assert merge([*merge(answer), *answer]) == merge(answer) == merge(merge(answer))


def study(uid: str, gateway: str, *, origin: bool = True, started: date | None = None) -> Study:
    holding = Holding(gateway, gateway.title(), "90000101", origin, f"https://{gateway}", True, 3, 10)
    return Study(uid, started, ("CT",), "ABDOMEN", "", "", "", (holding,), (), (), 3)


def test_a_study_at_two_hospitals_is_one_entry_with_its_origin_first() -> None:
    (both,) = merge([study("1.9", "noord", origin=False), study("1.9", "zuid", origin=True)])
    assert both.origin.gateway_id == "zuid"
    assert {holding.gateway_id for holding in both.holdings} == {"noord", "zuid"}


def test_the_newest_study_stands_first_and_the_undated_last() -> None:
    found = merge(
        [
            study("1.1", "noord"),
            study("1.2", "noord", started=date(2024, 1, 1)),
            study("1.3", "noord", started=date(2026, 3, 3)),
        ]
    )
    assert [entry.uid for entry in found] == ["1.3", "1.2", "1.1"]


def test_the_timeline_names_who_did_not_answer() -> None:
    late = Source("west", "Ziekenhuis West", "late")
    timeline = Timeline((), (Source("noord", "Ziekenhuis Noord", "answered"), late))
    assert timeline.missing == (late,)
