"""One history out of many answers: the order of arrival does not matter."""

from dataclasses import replace
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from beeldpas.domain.study import Accession, DateGiven, Elsewhere, Holding, Report, Series, Study
from beeldpas.domain.timeline import History, Source, Timeline, merge

texts = st.sampled_from(["", "CT buik", "CT", "MR"])
days = st.none() | st.dates(date(2020, 1, 1), date(2020, 1, 4))
counts = st.none() | st.integers(0, 3)
gateway_ids = st.sampled_from(["noord", "west"])
study_uids = st.sampled_from(["1.9", "1.8"])
accessions = st.lists(
    st.builds(Accession, st.sampled_from(["A1", "A2"]), st.sampled_from(["", "2.16.1", "2.16.2"])), max_size=2
).map(tuple)
dates = st.lists(
    st.builds(DateGiven, st.dates(date(2020, 1, 1), date(2020, 1, 3)), gateway_ids, st.booleans()), max_size=2
).map(tuple)
holdings = st.builds(Holding, gateway_ids, texts, texts, st.booleans(), texts, st.booleans(), counts, counts)
series = st.builds(Series, st.sampled_from(["1.1", "1.2"]), counts, texts, texts, counts, texts, texts, counts)
report_names = st.sampled_from(["r1", "r2", "r3"])
reports = st.builds(
    Report,
    report_names,
    st.lists(study_uids, max_size=2).map(tuple),
    st.sampled_from(["final", "amended"]),
    texts,
    days,
    accessions=accessions,
    replaces=st.lists(report_names, max_size=1).map(tuple),
    hospitals=st.lists(texts, max_size=1).map(tuple),
)
elsewhere = st.builds(Elsewhere, texts, texts, st.sampled_from(["unknown", "contradicted"]))
studies = st.builds(
    Study,
    study_uids,
    dates,
    st.lists(st.sampled_from(["CT", "MR"]), max_size=2).map(tuple),
    texts,
    texts,
    texts,
    accessions,
    st.lists(holdings, min_size=1, max_size=2).map(tuple),
    st.lists(series, max_size=2).map(tuple),
    st.lists(reports, max_size=2).map(tuple),
    counts,
    st.lists(elsewhere, max_size=2).map(tuple),
)
answers = st.builds(History, st.lists(studies, max_size=3).map(tuple), st.lists(reports, max_size=3).map(tuple))


@settings(deadline=None)
@given(answers, answers)
def test_merging_is_commutative(one: History, other: History) -> None:
    assert merge([one, other]) == merge([other, one])


@settings(deadline=None)
@given(answers, answers, answers)
def test_merging_is_associative(one: History, two: History, three: History) -> None:
    assert merge([merge([one, two]), three]) == merge([one, merge([two, three])]) == merge([one, two, three])


@settings(deadline=None)
@given(answers)
def test_merging_is_idempotent(answer: History) -> None:
    assert merge([merge([answer]), answer]) == merge([answer]) == merge([merge([answer])])


@settings(deadline=None)
@given(answers, answers)
def test_no_report_is_lost_and_none_is_shown_both_alone_and_beside_images(one: History, other: History) -> None:
    told = {r.identifier for h in (one, other) for r in (*h.reports, *(r for s in h.studies for r in s.reports))}
    both = merge([one, other])
    alone = {report.identifier for report in both.reports}
    beside = {report.identifier for study in both.studies for report in study.reports}
    assert alone | beside == told and not alone & beside


def study(uid: str, gateway: str = "noord", *, origin: bool = True, started: date | None = None) -> Study:
    holding = Holding(gateway, gateway.title(), "90000101", origin, f"https://{gateway}", True, 3, 10)
    dates = (DateGiven(started, gateway.title(), origin),) if started else ()
    return Study(uid, dates, ("CT",), "ABDOMEN", "", "", (), (holding,), (), (), 3)


def report(identifier: str, *about: str, day: int = 1, status: str = "final", replaces: str = "") -> Report:
    earlier = (replaces,) if replaces else ()
    return Report(identifier, about, status, "CT", date(2024, 1, day), replaces=earlier)


def one(*entries: Study | Report) -> History:
    return merge(
        [
            History(
                tuple(entry for entry in entries if isinstance(entry, Study)),
                tuple(entry for entry in entries if isinstance(entry, Report)),
            )
        ]
    )


# Studies


def test_a_study_at_two_hospitals_is_one_entry_with_its_origin_first_and_copies_behind() -> None:
    (both,) = one(
        study("1.9", "noord", origin=False), study("1.9", "zuid"), study("1.9", "west", origin=False)
    ).studies
    assert both.origin.gateway_id == "zuid"
    assert [holding.gateway_id for holding in both.holdings] == ["zuid", "noord", "west"]


def test_the_newest_study_stands_first_and_the_undated_last() -> None:
    found = one(study("1.1"), study("1.2", started=date(2024, 1, 1)), study("1.3", started=date(2026, 3, 3)))
    assert [entry.uid for entry in found.studies] == ["1.3", "1.2", "1.1"]


def test_where_dates_contradict_the_origin_is_believed_and_the_other_is_told() -> None:
    early, late = date(2024, 3, 1), date(2024, 3, 9)
    (both,) = one(study("1.9", "noord", origin=False, started=early), study("1.9", "zuid", started=late)).studies
    assert both.started == late
    assert both.other_dates == (DateGiven(early, "Noord", False),)


def test_where_no_origin_speaks_the_earliest_date_counts_and_the_other_is_told() -> None:
    early, late = date(2024, 3, 1), date(2024, 3, 9)
    copies = [study("1.9", at, origin=False, started=day) for at, day in (("noord", late), ("west", early))]
    (both,) = one(*copies).studies
    assert (both.started, [told.day for told in both.other_dates]) == (early, [late])


def test_two_studies_of_one_order_stay_two() -> None:
    order = (Accession("A1", "2.16.1"),)
    found = one(replace(study("1.8"), accessions=order), replace(study("1.9"), accessions=order))
    assert [entry.uid for entry in found.studies] == ["1.8", "1.9"]


# Reports


def test_a_report_stands_beside_the_study_that_it_names() -> None:
    found = one(study("1.8"), study("1.9"), report("r", "1.9"))
    assert {entry.uid: [each.identifier for each in entry.reports] for entry in found.studies} == {
        "1.8": [],
        "1.9": ["r"],
    }
    assert found.reports == ()


def test_a_report_of_an_order_stands_beside_every_study_of_that_order() -> None:
    order = Accession("A1", "2.16.1")
    made = [replace(study(uid), accessions=(order,)) for uid in ("1.8", "1.9")]
    found = one(*made, replace(report("r"), accessions=(order,)))
    assert [[each.identifier for each in entry.reports] for entry in found.studies] == [["r"], ["r"]]


def test_the_same_number_of_another_issuer_or_of_nobody_brings_nothing_together() -> None:
    made = replace(study("1.9"), accessions=(Accession("A1", "2.16.1"), Accession("A2")))
    others = [
        replace(report("r1"), accessions=(Accession("A1", "2.16.2"),)),
        replace(report("r2"), accessions=(Accession("A1"),)),
        replace(report("r3"), accessions=(Accession("A2"),)),
    ]
    found = one(made, *others)
    assert found.studies[0].reports == ()
    assert [each.identifier for each in found.reports] == ["r1", "r2", "r3"]


def test_a_report_whose_images_nobody_registered_stands_alone() -> None:
    found = one(study("1.9"), report("r", "1.7"))
    assert (found.studies[0].reports, [each.identifier for each in found.reports]) == ((), ["r"])


def test_an_amended_report_stands_first_and_the_older_is_kept_whatever_the_dates() -> None:
    first = report("first", "1.9", day=2)
    amended = report("amended", "1.9", day=1, status="amended", replaces="first")
    (found,) = one(study("1.9"), first, amended).studies
    assert [each.identifier for each in found.reports] == ["amended", "first"]
    assert [found.is_replaced(each) for each in found.reports] == [False, True]


def test_of_one_report_the_newest_word_counts_and_what_it_is_about_adds_up() -> None:
    order = Accession("A1", "2.16.1")
    older = replace(report("r", "1.9", day=1), hospitals=("Noord",))
    newer = replace(report("r", day=2, status="amended"), accessions=(order,), hospitals=("West",))
    (found,) = one(study("1.9"), older, newer).studies
    (told,) = found.reports
    assert (told.status, told.studies, told.accessions) == ("amended", ("1.9",), (order,))
    assert told.hospitals == ("Noord", "West")


def test_the_timeline_names_who_did_not_answer_or_not_all() -> None:
    late, partial = Source("west", "Ziekenhuis West", "late"), Source("register", "", "partial")
    timeline = Timeline((), (Source("noord", "Ziekenhuis Noord", "answered"), late, partial))
    assert timeline.missing == (late, partial)
