"""One imaging history out of many answers.

`merge` is commutative, associative and idempotent, so it does not matter who answered first or twice.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeVar

from beeldpas.domain.study import Holding, Report, Series, Study

Part = TypeVar("Part", Holding, Series, Report)
SourceState = Literal["answered", "late", "failed", "unconfirmed"]


@dataclass(frozen=True, slots=True)
class Source:
    """A registry or hospital that was asked, and how it went."""

    name: str
    hospital: str
    state: SourceState
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Timeline:
    """What was found, whom it was asked of, and how many entries could not be read."""

    studies: tuple[Study, ...]
    sources: tuple[Source, ...]
    unreadable: int = 0

    @property
    def missing(self) -> tuple[Source, ...]:
        """The sources that did not answer: what they hold may be absent or unconfirmed."""
        return tuple(source for source in self.sources if source.state != "answered")


def merge(entries: Iterable[Study]) -> tuple[Study, ...]:
    """Bring the entries of one study together, newest study first (undated last, then by UID)."""
    by_uid: dict[str, list[Study]] = defaultdict(list)
    for entry in entries:
        by_uid[entry.uid].append(entry)
    studies = [_merge_one(group) for group in by_uid.values()]
    return tuple(sorted(studies, key=lambda study: (-(study.started or date.min).toordinal(), study.uid)))


def _merge_one(group: list[Study]) -> Study:
    """Decide every field by an order of its own, so that the order of arrival cannot matter."""
    return Study(
        uid=group[0].uid,
        started=min((entry.started for entry in group if entry.started), default=None),
        modalities=tuple(sorted({code for entry in group for code in entry.modalities})),
        body_part=_fullest(entry.body_part for entry in group),
        laterality=_fullest(entry.laterality for entry in group),
        description=_fullest(entry.description for entry in group),
        accession=_fullest(entry.accession for entry in group),
        holdings=_best((h for e in group for h in e.holdings), lambda h: h.gateway_id, _holding_rank),
        series=_best((s for e in group for s in e.series), lambda s: s.uid, _series_rank),
        reports=_best((r for e in group for r in e.reports), lambda r: r.identifier, _report_rank),
        instances=max((entry.instances for entry in group if entry.instances is not None), default=None),
    )


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


def _report_rank(report: Report) -> tuple[bool | int | str, ...]:
    return ((report.issued or date.min).toordinal(), repr(report))
