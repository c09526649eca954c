"""Finding an examination: the laws that the filter, its counts and its pages keep, whatever the history."""

from datetime import date
from urllib.parse import parse_qs

from hypothesis import given, settings
from hypothesis import strategies as st

from beeldpas.domain.study import DateGiven, Holding, Study
from beeldpas.portal.patient.timeline_filter import (
    PAGE,
    TimelineFilter,
    cut,
    hospitals_of,
    kinds_of,
    year_of,
)

CODES = ["CT", "MR", "DX", "CR", "SR", "KO", "SEG", "ECG", "ZZ", "ct "]


def held(gateway_id: str) -> Holding:
    return Holding(gateway_id, f"Ziekenhuis {gateway_id}", "", False, "", True, None, None)


def on(day: date | None) -> tuple[DateGiven, ...]:
    return (DateGiven(day),) if day else ()


@st.composite
def histories(draw: st.DrawFn) -> list[Study]:
    made = draw(st.lists(st.tuples(
        st.none() | st.dates(date(2018, 1, 1), date(2020, 12, 31)),
        st.lists(st.sampled_from(CODES), max_size=3),
        st.sets(st.sampled_from(["noord", "west", "zuid"]), min_size=1),
    ), max_size=80))  # fmt: skip
    return [
        Study(f"1.2.{n}", on(day), tuple(kinds), "", "", "", (), tuple(held(one) for one in sorted(at)), (), (), None)
        for n, (day, kinds, at) in enumerate(made)
    ]


filters = st.builds(
    TimelineFilter,
    st.sampled_from(["", "2018", "2019", "undated", "1066"]),
    st.sampled_from(["", "CT", "CR", "other", "SR", "nonsense"]),
    st.sampled_from(["", "noord", "west", "elders"]),
)


@given(histories(), filters)
@settings(deadline=None)
def test_a_count_is_how_many_are_shown_when_it_is_chosen(studies: list[Study], wanted: TimelineFilter) -> None:
    for field, choices in (
        ("year", wanted.years(studies)),
        ("kind", wanted.kinds(studies)),
        ("hospital", wanted.hospitals(studies)),
    ):
        for choice in choices:
            values = {"year": wanted.year, "kind": wanted.kind, "hospital": wanted.hospital, field: choice.value}
            assert cut(studies, TimelineFilter(**values)).total == choice.count


@given(histories())
@settings(deadline=None)
def test_every_examination_can_be_found_by_each_of_its_years_kinds_and_hospitals(studies: list[Study]) -> None:
    every = TimelineFilter()
    assert cut(studies, every).total == len(studies)
    years = {choice.value for choice in every.years(studies)}
    kinds = {choice.value for choice in every.kinds(studies)}
    hospitals = {choice.value for choice in every.hospitals(studies)}
    for study in studies:
        assert year_of(study) in years
        assert kinds_of(study) and set(kinds_of(study)) <= kinds
        assert set(hospitals_of(study)) <= hospitals


@given(histories(), filters)
@settings(deadline=None)
def test_the_pages_together_are_what_was_chosen_each_once_and_in_order(
    studies: list[Study], wanted: TimelineFilter
) -> None:
    pages = cut(studies, wanted).pages
    query = (wanted.year, wanted.kind, wanted.hospital)
    shown = [study for page in range(1, pages + 1) for study in cut(studies, TimelineFilter(*query, page)).studies]
    assert shown == [study for study in studies if wanted.matches(study)]
    assert all(len(cut(studies, TimelineFilter(*query, page)).studies) <= PAGE for page in range(1, pages + 1))


@given(filters, st.integers(1, 400))
def test_an_address_keeps_the_choice(wanted: TimelineFilter, page: int) -> None:
    read = {name: values[0] for name, values in parse_qs(wanted.query(page)).items()}
    assert TimelineFilter.read(read) == TimelineFilter(wanted.year, wanted.kind, wanted.hospital, page)


@given(st.dictionaries(st.sampled_from(["year", "kind", "hospital", "page"]), st.text(max_size=100)), histories())
@settings(deadline=None)
def test_any_address_is_a_choice(query: dict[str, str], studies: list[Study]) -> None:
    shown = cut(studies, TimelineFilter.read(query))
    assert 1 <= shown.page <= shown.pages
    assert len(shown.studies) == max(0, shown.last - shown.first + 1)


def test_years_come_newest_first_and_what_has_no_date_last() -> None:
    days = [date(2019, 5, 1), None, date(2024, 1, 1), date(2021, 1, 1)]
    studies = [
        Study(str(n), on(day), ("CT",), "", "", "", (), (held("noord"),), (), (), None) for n, day in enumerate(days)
    ]
    assert [one.value for one in TimelineFilter().years(studies)] == ["2024", "2021", "2019", "undated"]


def test_technical_objects_and_reports_are_no_kind_beside_images() -> None:
    def kinds(*codes: str) -> tuple[str, ...]:
        return kinds_of(Study("1", (), codes, "", "", "", (), (held("noord"),), (), (), None))

    assert kinds("CT", "SR", "KO", "SEG", "PR") == ("CT",)
    assert (kinds("SR", "KO"), kinds("KO"), kinds()) == (("SR",), ("other",), ("other",))
    assert kinds("DX") == kinds("CR") == ("CR",)
