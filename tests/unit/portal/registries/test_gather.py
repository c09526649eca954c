"""The laws of gathering: it does not matter who answers first, twice or in which order, nor what breaks."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.cast import ANNA, NOORD, WEST, ZUID
from tests.index_town import OWN

from beeldpas.domain.bsn import BSN
from beeldpas.domain.errors import Unavailable
from beeldpas.domain.identity import Claim
from beeldpas.domain.study import DateGiven, Holding, Report, Study
from beeldpas.domain.timeline import Timeline
from beeldpas.formats.hospitals import Hospital
from beeldpas.portal.directory import Directory
from beeldpas.portal.registries.breaker import Breakers
from beeldpas.portal.registries.gather import Gathering, Inquiry, Sources, gather_timeline
from beeldpas.portal.registries.held import GatewayPreview, Identity, StudyPreview
from beeldpas.portal.registries.port import RegistryAnswer
from beeldpas.portal.registries.question import Question

PLACES = (NOORD, WEST, ZUID)
DIRECTORY = Directory(
    tuple(
        Hospital(one.gateway_id, one.name, one.ura, f"https://{one.gateway_id}.example", Path("k"), "")
        for one in PLACES
    )
)
NOBODY = Identity("", None, "", "", "")


@dataclass(frozen=True, slots=True)
class Told:
    """A registry that says what it was told, or fails; `turn`: how many others may speak before it."""

    name: str
    answer: RegistryAnswer | BaseException
    turn: int = 0

    async def search(self, bsn: BSN, question: Question) -> RegistryAnswer:
        for _ in range(self.turn):
            await asyncio.sleep(0)
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer


@dataclass(frozen=True, slots=True)
class Holders:
    """Hospitals that hold everything that they are asked about, but for what is lost; some are silent."""

    lost: frozenset[tuple[str, str]] = frozenset()
    silent: frozenset[str] = frozenset()
    turns: Mapping[str, int] = field(default_factory=dict)

    async def preview(
        self, gateway_id: str, studies: Sequence[str], language: str, question: Question
    ) -> GatewayPreview:
        for _ in range(self.turns.get(gateway_id, 0)):
            await asyncio.sleep(0)
        if gateway_id in self.silent:
            await asyncio.sleep(3600)
        held = [uid for uid in studies if (gateway_id, uid) not in self.lost]
        return GatewayPreview(
            tuple(StudyPreview(uid, 3, 3000, (), (), NOBODY) for uid in held), frozenset(studies) - set(held), 1
        )


def gathered(registries: Iterable[Told], hospitals: Holders = Holders(), deadline_s: float = 30.0) -> Timeline:
    return asyncio.run(
        gather_timeline(tuple(registries), hospitals, DIRECTORY, ANNA.bsn, OWN, "nl", deadline_s)  # type: ignore[arg-type]
    )


def a_holding(gateway_id: str, origin: bool) -> Holding:
    hospital = DIRECTORY.by_id(gateway_id)
    return Holding(gateway_id, hospital.name, hospital.ura, origin, hospital.base_url, False, None, None)


def an_entry(uid: str, gateway_id: str = "noord", *, origin: bool = True, day: int = 1) -> Study:
    return Study(
        uid=uid,
        dates=(DateGiven(date(2024, 1, day), DIRECTORY.by_id(gateway_id).name, origin),),
        modalities=("CT",),
        body_part="",
        laterality="",
        description="",
        accessions=(),
        holdings=(a_holding(gateway_id, origin),),
        series=(),
        reports=(),
        instances=None,
    )


ENTRIES = st.lists(
    st.builds(
        an_entry,
        st.sampled_from(["1.2.1", "1.2.2", "1.2.3"]),
        st.sampled_from([one.gateway_id for one in PLACES]),
        origin=st.booleans(),
        day=st.integers(1, 28),
    ),
    max_size=8,
)
LOST = st.frozensets(st.tuples(st.sampled_from(["noord", "west"]), st.sampled_from(["1.2.1", "1.2.2"])))


@settings(deadline=None)
@given(ENTRIES, ENTRIES, LOST)
def test_it_does_not_matter_which_registry_said_what(ours: list[Study], theirs: list[Study], lost) -> None:
    hospitals = Holders(lost)
    one = gathered([Told("a", RegistryAnswer(tuple(ours))), Told("b", RegistryAnswer(tuple(theirs)))], hospitals)
    two = gathered([Told("a", RegistryAnswer(tuple(theirs))), Told("b", RegistryAnswer(tuple(ours)))], hospitals)
    all_in_one = gathered([Told("a", RegistryAnswer((*ours, *theirs)))], hospitals)
    assert one.studies == two.studies == all_in_one.studies


@settings(deadline=None)
@given(ENTRIES)
def test_hearing_it_twice_changes_nothing(entries: list[Study]) -> None:
    once = gathered([Told("a", RegistryAnswer(tuple(entries)))])
    twice = gathered([Told(name, RegistryAnswer(tuple(entries))) for name in ("a", "b")])
    assert once.studies == twice.studies


@settings(deadline=None)
@given(ENTRIES, LOST)
def test_no_study_is_shown_that_no_hospital_holds(entries: list[Study], lost) -> None:
    timeline = gathered([Told("a", RegistryAnswer(tuple(entries)))], Holders(lost))
    shown = {(holding.gateway_id, study.uid) for study in timeline.studies for holding in study.holdings}
    told = {(entry.holdings[0].gateway_id, entry.uid) for entry in entries}
    assert shown == told - lost
    assert all(study.holdings for study in timeline.studies)


CLAIMS = st.lists(
    st.builds(
        Claim,
        st.sampled_from(["1.2.1", "1.2.2", "1.2.3"]),
        st.sampled_from([one.gateway_id for one in PLACES]),
        st.sampled_from(["", "k1.aa", "k1.bb"]),
    ),
    max_size=4,
)
ANSWERS = st.lists(
    st.builds(lambda entries, claims: RegistryAnswer(tuple(entries), claims=tuple(claims)), ENTRIES, CLAIMS),
    min_size=1,
    max_size=4,
)
TURNS = st.lists(st.integers(0, 20), min_size=4, max_size=4)


@settings(deadline=None)
@given(ANSWERS, LOST, TURNS, TURNS, TURNS)
def test_it_does_not_matter_in_which_order_registries_and_hospitals_answer(
    answers: list[RegistryAnswer], lost, first: list[int], second: list[int], of_hospitals: list[int]
) -> None:
    def asked(turns: list[int], hospitals: Holders) -> Timeline:
        told = zip(answers, turns, strict=False)
        return gathered([Told(f"r{n}", answer, turn) for n, (answer, turn) in enumerate(told)], hospitals)

    at_once = asked([0] * 4, Holders(lost))
    turns = {one.gateway_id: turn for one, turn in zip(PLACES, of_hospitals, strict=False)}
    assert asked(first, Holders(lost, turns=turns)) == asked(second, Holders(lost)) == at_once
    assert all(holding.confirmed for study in at_once.studies for holding in study.holdings), "a study was forgotten"


def test_a_hospital_is_asked_as_soon_as_it_is_named_and_of_each_study_once() -> None:
    asked: list[tuple[str, ...]] = []

    class Listening(Holders):
        async def preview(
            self, gateway_id: str, studies: Sequence[str], language: str, question: Question
        ) -> GatewayPreview:
            asked.append((gateway_id, *studies))
            await asyncio.sleep(0.05)
            return await super().preview(gateway_id, studies, language, question)

    async def told_late() -> Timeline:
        early = Told("a", RegistryAnswer((an_entry("1.2.1"), an_entry("1.2.9", "west"))))
        rest = (Told(f"b{n}", RegistryAnswer((an_entry("1.2.1"), an_entry(f"1.2.{n}"))), n) for n in (2, 3, 4))
        gathering = Gathering(
            Sources((early, *rest), Listening(), DIRECTORY, Breakers()), Inquiry(ANNA.bsn, OWN, "nl", 30.0)
        )
        await gathering.run()
        return gathering.timeline()

    timeline = asyncio.run(told_late())
    assert sorted(asked) == [("noord", "1.2.1"), ("noord", "1.2.2", "1.2.3", "1.2.4"), ("west", "1.2.9")]
    assert all(study.origin.confirmed for study in timeline.studies)


async def test_what_is_known_can_be_read_before_everybody_answered() -> None:
    hospitals, never = Holders(silent=frozenset({"west"})), Told("never", RegistryAnswer((an_entry("1.2.3"),)), 10**9)
    here = Told("here", RegistryAnswer((an_entry("1.2.1"), an_entry("1.2.2", "west"))))
    gathering = Gathering(
        Sources((never, here), hospitals, DIRECTORY, Breakers()), Inquiry(ANNA.bsn, OWN, "nl", 30.0)
    )
    running = asyncio.create_task(gathering.run())
    await gathering.wait_for_studies()
    while gathering.version < 2:
        await gathering.wait_for_more(gathering.version)
    timeline = gathering.timeline()
    assert {study.uid: study.origin.confirmed for study in timeline.studies} == {"1.2.1": True, "1.2.2": False}
    assert [(one.name, one.hospital) for one in timeline.asked] == [("never", ""), ("west", WEST.name)]
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert gathering.is_over


def test_a_silent_hospital_is_named_and_delays_nobody() -> None:
    entries = (an_entry("1.2.1"), an_entry("1.2.2", "west"))
    timeline = gathered([Told("a", RegistryAnswer(entries))], Holders(silent=frozenset({"west"})), 0.5)
    assert [(one.name, one.hospital, one.state) for one in timeline.missing] == [("west", WEST.name, "late")]
    assert {study.uid: study.origin.confirmed for study in timeline.studies} == {"1.2.1": True, "1.2.2": False}


def test_the_origin_is_believed_about_counts_and_a_copy_keeps_its_own() -> None:
    entries = (an_entry("1.2.1"), an_entry("1.2.1", "west", origin=False))
    (study,) = gathered([Told("a", RegistryAnswer(entries))]).studies
    assert study.origin.gateway_id == "noord"
    assert {holding.instances for holding in study.holdings} == {3}


def test_each_way_in_which_a_registry_can_fail_is_named() -> None:
    fine = Told("fine", RegistryAnswer((an_entry("1.2.1"),)))
    broken = {
        "late": (Unavailable("late", reason="late"), "late"),
        "down": (Unavailable("down"), "failed"),
        "bug": (ZeroDivisionError("an adapter with a fault"), "failed"),
    }
    timeline = gathered([fine, *(Told(name, error) for name, (error, _) in broken.items())])
    assert {one.name: one.state for one in timeline.missing} == {name: state for name, (_, state) in broken.items()}
    assert [study.uid for study in timeline.studies] == ["1.2.1"]


def test_what_could_not_be_read_or_placed_is_said() -> None:
    answer = replace(RegistryAnswer((an_entry("1.2.1"),)), unreadable=2, strangers=("Ziekenhuis Oost",))
    partial = RegistryAnswer((), complete=False)
    timeline = gathered([Told("a", answer), Told("b", partial)])
    assert (timeline.unreadable, next(one.unreadable for one in timeline.sources if one.name == "a")) == (2, 2)
    assert [(one.name, one.hospital, one.state, one.detail) for one in timeline.missing] == [
        ("a", "Ziekenhuis Oost", "failed", "address_not_in_directory"),
        ("b", "", "partial", "incomplete"),
    ]


def test_what_a_registry_says_of_itself_that_it_lacks_is_said() -> None:
    warned = replace(RegistryAnswer((an_entry("1.2.1"),)), warnings=1)
    behind = replace(RegistryAnswer((an_entry("1.2.2"),)), failed=("Ziekenhuis Oost",))
    timeline = gathered([Told("a", warned), Told("b", behind)])
    assert [study.uid for study in timeline.studies] == ["1.2.1", "1.2.2"]
    assert [(one.name, one.hospital, one.state, one.detail) for one in timeline.missing] == [
        ("a", "", "partial", "warned"),
        ("b", "Ziekenhuis Oost", "failed", "named_by_registry"),
    ]


def test_a_report_without_images_is_in_the_history_too() -> None:
    report = Report("1.2.9", ("1.2.8",), "final", "CT", date(2024, 1, 2), hospitals=(WEST.name,))
    timeline = gathered([Told("a", replace(RegistryAnswer(()), reports=(report,)))])
    assert (timeline.studies, timeline.reports) == ((), (report,))
