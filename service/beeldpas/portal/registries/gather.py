"""One history out of all registries and hospitals: asked at once, each with its own deadline; none waits for another.

First the registries say who holds what; then every hospital that they name says what it has right now. A source that
is late or broken is named, and what only it could confirm is shown as unconfirmed.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

import structlog

from beeldpas.domain.bsn import BSN
from beeldpas.domain.errors import Unavailable
from beeldpas.domain.study import Holding, Report, Series, Study
from beeldpas.domain.timeline import History, Source, SourceState, Timeline, merge
from beeldpas.domain.uid import is_uid
from beeldpas.portal.directory import Directory
from beeldpas.portal.registries.comparing import compared, without
from beeldpas.portal.registries.held import GatewayPreview, ReportPreview, StudyPreview
from beeldpas.portal.registries.port import Registry, RegistryAnswer
from beeldpas.portal.registries.preview import Gateways
from beeldpas.portal.registries.question import Question

log = structlog.get_logger()
Answer = TypeVar("Answer")
ENTRY_ELSEWHERE = "address_not_in_directory"
MORE_TO_COME = "incomplete"
WARNED = "warned"
SAID_TO_FAIL = "named_by_registry"


@dataclass(frozen=True, slots=True)
class _Failure:
    state: SourceState
    reason: str


async def gather_timeline(
    registries: Sequence[Registry],
    gateways: Gateways,
    directory: Directory,
    bsn: BSN,
    question: Question,
    language: str,
    deadline_s: float,
) -> Timeline:
    """Return a person's history; `deadline_s` (seconds) holds for each registry, and then for each hospital."""
    told = await _ask_all(
        {registry.name: partial(registry.search, bsn, question) for registry in registries},
        deadline_s,
    )
    answers = {name: answer for name, answer in told.items() if isinstance(answer, RegistryAnswer)}
    history = merge(History(answer.studies, answer.reports) for answer in answers.values())
    doubted = compared(claim for answer in answers.values() for claim in answer.claims)
    believed = without(history.studies, doubted)
    wanted = _by_hospital(believed)
    held = await _ask_all(
        {one: partial(gateways.preview, one, uids, language, question) for one, uids in wanted.items()}, deadline_s
    )
    previews = {
        gateway_id: {study.uid: study for study in answer.studies}
        for gateway_id, answer in held.items()
        if isinstance(answer, GatewayPreview)
    }
    sources = [*_registry_sources(told), *_hospital_sources(held, directory)]
    confirmed = (_confirmed(study, previews) for study in believed)
    return Timeline(
        studies=tuple(study for study in confirmed if study.holdings or study.elsewhere),
        sources=tuple(sources),
        unreadable=sum(answer.unreadable for answer in answers.values())
        + len({(one.study_uid, one.hospital) for one in doubted}),
        reports=history.reports,
        doubts=doubted,
    )


async def _ask_all(
    calls: Mapping[str, Callable[[], Awaitable[Answer]]], deadline_s: float
) -> dict[str, Answer | _Failure]:
    answers = await asyncio.gather(*(_ask(name, call, deadline_s) for name, call in calls.items()))
    return dict(zip(calls, answers, strict=True))


async def _ask(name: str, call: Callable[[], Awaitable[Answer]], deadline_s: float) -> Answer | _Failure:
    """Ask one source. Whatever a source does, the others' answers count: here, and only here, anything is caught."""
    try:
        async with asyncio.timeout(deadline_s):
            return await call()
    except TimeoutError:
        failure = _Failure("late", "late")
    except Unavailable as error:
        failure = _Failure("late" if error.reason == "late" else "failed", error.reason)
    except Exception as error:
        failure = _Failure("failed", "unreadable")
        log.error("source_broke", source=name, kind=type(error).__name__)
    log.warning("source_missing", source=name, state=failure.state, reason=failure.reason)
    return failure


def _by_hospital(studies: Iterable[Study]) -> dict[str, list[str]]:
    wanted: dict[str, list[str]] = defaultdict(list)
    for study in studies:
        for holding in study.holdings:
            wanted[holding.gateway_id].append(study.uid)
    return wanted


def _registry_sources(told: Mapping[str, RegistryAnswer | _Failure]) -> Iterable[Source]:
    for name, answer in told.items():
        if isinstance(answer, _Failure):
            yield Source(name, "", answer.state, answer.reason)
            continue
        lacking = MORE_TO_COME if not answer.complete else WARNED if answer.warnings else ""
        yield Source(name, "", "partial" if lacking else "answered", lacking, answer.unreadable)
        yield from (Source(name, stranger, "failed", ENTRY_ELSEWHERE) for stranger in answer.strangers)
        yield from (Source(name, behind, "failed", SAID_TO_FAIL) for behind in answer.failed)


def _hospital_sources(held: Mapping[str, GatewayPreview | _Failure], directory: Directory) -> Iterable[Source]:
    for gateway_id, answer in sorted(held.items()):
        name = directory.by_id(gateway_id).name
        if isinstance(answer, _Failure):
            yield Source(gateway_id, name, answer.state, answer.reason)
        else:
            yield Source(gateway_id, name, "answered")


def _confirmed(study: Study, previews: Mapping[str, Mapping[str, StudyPreview]]) -> Study:
    """Put beside each hospital what it says that it holds; one that says it does not hold the study goes."""
    holdings: list[Holding] = []
    for holding in study.holdings:
        answer = previews.get(holding.gateway_id)
        if answer is None:
            holdings.append(holding)
        elif told := answer.get(study.uid):
            holdings.append(replace(holding, confirmed=True, instances=told.instances, size_bytes=told.size_bytes))
    kept = replace(study, holdings=tuple(holdings))
    best = previews.get(kept.origin.gateway_id, {}).get(study.uid) if holdings else None
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
