"""One imaging history out of many answers.

`merge` is commutative, associative and idempotent, so it does not matter who answered first or twice: every field is
joined by an order of its own, or by uniting what was said.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from typing import Any, Literal, TypeVar

from beeldpas.domain.identity import Doubt
from beeldpas.domain.study import Accession, DateGiven, Elsewhere, Holding, Report, Series, Study

Part = TypeVar("Part", Holding, Series)
Said = TypeVar("Said", str, Accession, DateGiven, Elsewhere)
SourceState = Literal["answered", "asked", "partial", "late", "failed", "unconfirmed"]


@dataclass(frozen=True, slots=True)
class Source:
    """A registry or hospital that was asked, and how it went; "partial": it says itself that something is missing.

    "asked" is one that may still answer.
    `unreadable` counts its entries that could not be read.
    """

    name: str
    hospital: str
    state: SourceState
    detail: str = ""
    unreadable: int = 0


@dataclass(frozen=True, slots=True)
class History:
    """What is known of one person: `reports` are those whose images nobody registered."""

    studies: tuple[Study, ...] = ()
    reports: tuple[Report, ...] = ()


@dataclass(frozen=True, slots=True)
class Timeline:
    """What was found, whom it was asked of, and how many entries could not be read.

    `doubts` are studies that are left out, since their hospitals contradict others about whose they are.
    """

    studies: tuple[Study, ...]
    sources: tuple[Source, ...]
    unreadable: int = 0
    reports: tuple[Report, ...] = ()
    doubts: tuple[Doubt, ...] = ()

    @property
    def missing(self) -> tuple[Source, ...]:
        """The sources that did not answer, or not all: what they hold may be absent or unconfirmed."""
        return tuple(source for source in self.sources if source.state != "answered")

    @property
    def asked(self) -> tuple[Source, ...]:
        """The sources of which an answer may still come."""
        return tuple(source for source in self.sources if source.state == "asked")


def merge(histories: Iterable[History]) -> History:
    """Bring the entries of one study together, and each report to its studies; newest first, undated last."""
    by_uid: dict[str, list[Study]] = defaultdict(list)
    by_identifier: dict[str, list[Report]] = defaultdict(list)
    for history in histories:
        for study in history.studies:
            by_uid[study.uid].append(study)
        for report in (*history.reports, *(one for study in history.studies for one in study.reports)):
            by_identifier[report.identifier].append(report)
    studies = [group[0] if _is_alone(group) else _one_study(group) for group in by_uid.values()]
    return _laid_together(studies, [_one_report(group) for group in by_identifier.values()])


def _is_alone(group: list[Study]) -> bool:
    """Say whether an entry is its study's only one, and in order as it is: most are, and that is quickly seen."""
    one = group[0]
    return (
        len(group) == 1
        and all(_is_in_order(part) for part in (one.dates, one.modalities, one.accessions, one.elsewhere))
        and _is_in_order([(not each.origin, each.gateway_id) for each in one.holdings])
        and len({each.gateway_id for each in one.holdings}) == len(one.holdings)
        and _is_in_order([each.uid for each in one.series])
    )


def _is_in_order(parts: Sequence[Any]) -> bool:
    """Say whether each is there once, in ascending order."""
    return len(parts) < 2 or all(one < other for one, other in pairwise(parts))


def _laid_together(studies: Iterable[Study], reports: Iterable[Report]) -> History:
    """Lay every report beside the studies that it is about; one that is about none of them stands alone."""
    beside: dict[str | Accession, list[Report]] = defaultdict(list)
    known = list(reports)
    for report in known:
        for name in _names(report.studies, report.accessions):
            beside[name].append(report)
    placed, shown = [], set[str]()
    for study in studies:
        names = _names((study.uid,), study.accessions)
        own = {report.identifier: report for name in names for report in beside.get(name, ())}
        shown.update(own)
        reports = _newest_first(own) if own else ()
        placed.append(study if study.reports == reports else replace(study, reports=reports))
    alone = {report.identifier: report for report in known if report.identifier not in shown}
    return History(tuple(sorted(placed, key=_study_order)), _newest_first(alone))


def _names(uids: Iterable[str], accessions: Iterable[Accession]) -> Iterable[str | Accession]:
    """What can bring two entries together: of the numbers those with an issuer; others give out the same ones."""
    yield from uids
    yield from (one for one in accessions if one.number and one.issuer)


def _newest_first(reports: Mapping[str, Report]) -> tuple[Report, ...]:
    """What is current first, then the versions that it replaced; each by date."""
    replaced = {earlier for report in reports.values() for earlier in report.replaces}
    return tuple(sorted(reports.values(), key=lambda one: (one.identifier in replaced, *_report_order(one))))


def _report_order(report: Report) -> tuple[int, str]:
    return (-(report.issued or date.min).toordinal(), report.identifier)


def _study_order(study: Study) -> tuple[int, str]:
    return (-(study.started or date.min).toordinal(), study.uid)


def _one_study(group: list[Study]) -> Study:
    holdings = _best((h for e in group for h in e.holdings), lambda h: h.gateway_id, _holding_rank)
    return Study(
        uid=group[0].uid,
        dates=_united(entry.dates for entry in group),
        modalities=_united(entry.modalities for entry in group),
        body_part=_fullest(entry.body_part for entry in group),
        laterality=_fullest(entry.laterality for entry in group),
        description=_fullest(entry.description for entry in group),
        accessions=_united(entry.accessions for entry in group),
        holdings=tuple(sorted(holdings, key=lambda one: (not one.origin, one.gateway_id))),
        series=_best((s for e in group for s in e.series), lambda s: s.uid, _series_rank),
        reports=(),
        instances=max((entry.instances for entry in group if entry.instances is not None), default=None),
        elsewhere=_united(entry.elsewhere for entry in group),
    )


def _one_report(group: list[Report]) -> Report:
    newest = max(group, key=_report_rank)
    parts = (newest.studies, newest.accessions, newest.replaces, newest.hospitals)
    if all(one == newest for one in group) and all(_is_in_order(part) for part in parts):
        return newest
    return replace(
        newest,
        studies=_united(report.studies for report in group),
        accessions=_united(report.accessions for report in group),
        replaces=_united(report.replaces for report in group),
        hospitals=_united(report.hospitals for report in group),
        readable_from=max((one.readable_from for one in group if one.readable_from), default=None),
    )


def _united(groups: Iterable[tuple[Said, ...]]) -> tuple[Said, ...]:
    return tuple(sorted({one for group in groups for one in group}))


def _fullest(texts: Iterable[str]) -> str:
    return min(texts, key=lambda text: (-len(text), text))


def _best(
    items: Iterable[Part], name: Callable[[Part], str], rank: Callable[[Part], tuple[bool | int | str, ...]]
) -> tuple[Part, ...]:
    """Keep, of the items with one name, the one that ranks highest; sorted by name."""
    best: dict[str, Part] = {}
    for item in items:
        standing = best.get(name(item))
        if standing is None or rank(item) > rank(standing):
            best[name(item)] = item
    return tuple(best[key] for key in sorted(best))


def _holding_rank(holding: Holding) -> tuple[bool | int | str, ...]:
    return (holding.confirmed, holding.origin, repr(holding))


def _series_rank(series: Series) -> tuple[bool | int | str, ...]:
    return (series.size_bytes is not None, series.instances or 0, repr(series))


def _report_rank(report: Report) -> tuple[int | str, ...]:
    """The newest word on a report counts; only what is not united may decide which that is."""
    return ((report.issued or date.min).toordinal(), report.status, report.title, report.kind, report.series_uid)
