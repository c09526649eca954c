"""What registries and hospitals said so far, put together as one history: the same whatever order it came in.

A hospital confirms what it holds; what only it could confirm, and it did not, is shown as unconfirmed.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from beeldpas.domain.study import Holding, Report, Series, Study
from beeldpas.domain.timeline import History, Source, Timeline, merge
from beeldpas.domain.uid import is_uid
from beeldpas.portal.directory import Directory
from beeldpas.portal.registries.asking import Failure
from beeldpas.portal.registries.comparing import compared, without
from beeldpas.portal.registries.held import GatewayPreview, ReportPreview, StudyPreview
from beeldpas.portal.registries.port import RegistryAnswer

ENTRY_ELSEWHERE = "address_not_in_directory"
MORE_TO_COME = "incomplete"
WARNED = "warned"
SAID_TO_FAIL = "named_by_registry"


@dataclass(slots=True)
class Hospital:
    """What one hospital said: of the studies in `answered` it holds those in `held`; `waiting` are to be asked."""

    held: dict[str, StudyPreview] = field(default_factory=dict)
    answered: set[str] = field(default_factory=set)
    waiting: set[str] = field(default_factory=set)
    failure: Failure | None = None
    is_asked: bool = False

    def take(self, asked: Iterable[str], answer: GatewayPreview | Failure) -> None:
        """Take the answer to a question about these studies."""
        if isinstance(answer, Failure):
            self.failure = answer
            return
        self.answered.update(asked)
        self.held.update((study.uid, study) for study in answer.studies)

    def state_of(self, studies: Iterable[str]) -> Failure | None:
        """Return why it has not said of each of these what it holds; None when it has."""
        if self.answered.issuperset(studies):
            return None
        return self.failure or Failure("asked", "")


Told = Mapping[str, RegistryAnswer | Failure]


def assembled(told: Told, hospitals: Mapping[str, Hospital], directory: Directory) -> Timeline:
    """Return the history by what each registry (by name) and each hospital (by id) said."""
    answers = [answer for answer in told.values() if isinstance(answer, RegistryAnswer)]
    history = merge(History(answer.studies, answer.reports) for answer in answers)
    doubted = compared(claim for answer in answers for claim in answer.claims)
    believed = without(history.studies, doubted)
    named: dict[str, list[str]] = defaultdict(list)
    for study in believed:
        for holding in study.holdings:
            named[holding.gateway_id].append(study.uid)
    confirmed = (_confirmed(study, hospitals) for study in believed)
    return Timeline(
        studies=tuple(study for study in confirmed if study.holdings or study.elsewhere),
        sources=(*_registry_sources(told), *_hospital_sources(named, hospitals, directory)),
        unreadable=sum(answer.unreadable for answer in answers)
        + len({(one.study_uid, one.hospital) for one in doubted}),
        reports=history.reports,
        doubts=doubted,
    )


def _registry_sources(told: Told) -> Iterable[Source]:
    for name, answer in told.items():
        if isinstance(answer, Failure):
            yield Source(name, "", answer.state, answer.reason)
            continue
        lacking = MORE_TO_COME if not answer.complete else WARNED if answer.warnings else ""
        yield Source(name, "", "partial" if lacking else "answered", lacking, answer.unreadable)
        yield from (Source(name, stranger, "failed", ENTRY_ELSEWHERE) for stranger in answer.strangers)
        yield from (Source(name, behind, "failed", SAID_TO_FAIL) for behind in answer.failed)


def _hospital_sources(
    named: Mapping[str, list[str]], hospitals: Mapping[str, Hospital], directory: Directory
) -> Iterable[Source]:
    for gateway_id in sorted(named):
        name = directory.by_id(gateway_id).name
        if failure := hospitals.get(gateway_id, Hospital()).state_of(named[gateway_id]):
            yield Source(gateway_id, name, failure.state, failure.reason)
        else:
            yield Source(gateway_id, name, "answered")


def _confirmed(study: Study, hospitals: Mapping[str, Hospital]) -> Study:
    """Put beside each hospital what it says that it holds; one that says it does not hold the study goes."""
    holdings: list[Holding] = []
    for holding in study.holdings:
        hospital = hospitals.get(holding.gateway_id)
        if hospital is None or study.uid not in hospital.answered:
            holdings.append(holding)
        elif told := hospital.held.get(study.uid):
            holdings.append(replace(holding, confirmed=True, instances=told.instances, size_bytes=told.size_bytes))
    kept = replace(study, holdings=tuple(holdings))
    if not holdings or (origin := hospitals.get(kept.origin.gateway_id)) is None:
        return kept
    best = origin.held.get(study.uid)
    return _as_told(kept, best) if best is not None else kept


def _is_taken_back(report: Report, holding: Holding) -> bool:
    """Say that a report which lay in this hospital's study alone lies there no more, and is not announced either."""
    theirs = report.hospitals == (holding.hospital,) and is_uid(report.identifier)
    return theirs and report.readable_from is None


def _report_as_told(report: Report, now: ReportPreview) -> Report:
    return replace(report, title=now.title or report.title, series_uid=now.series_uid, kind=now.kind)


def _as_told(study: Study, preview: StudyPreview) -> Study:
    """Take counts and sizes from the hospital that made the study."""
    now = {one.uid: one for one in preview.series}
    known = {one.uid: one for one in study.series}
    series = tuple(
        Series(
            uid=uid,
            number=one.number,
            modality=one.modality,
            description=one.description,
            instances=one.instances,
            body_part=known[uid].body_part if uid in known else "",
            laterality=known[uid].laterality if uid in known else "",
            size_bytes=one.size_bytes,
        )
        for uid, one in now.items()
    )
    told = {one.sop_uid: one for one in preview.reports}
    reports = tuple(
        _report_as_told(one, told[one.identifier]) if one.identifier in told else one
        for one in study.reports
        if one.identifier in told or preview.is_remote or not _is_taken_back(one, study.origin)
    )
    return replace(study, series=series, reports=reports, instances=preview.instances)
