"""The first step of a share: which examinations. Those that are ticked, those of one year, or all."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from starlette.responses import Response

from beeldpas.domain.study import Study
from beeldpas.portal.actions.view_timeline import view_timeline
from beeldpas.portal.pages.visit import text
from beeldpas.portal.patient.coming_in import which
from beeldpas.portal.patient.door import PatientVisit, for_patients
from beeldpas.portal.patient.draft import Counted, Draft
from beeldpas.portal.patient.shown_studies import can_be_shared
from beeldpas.portal.patient.timeline import NOTHING_CHOSEN, absence
from beeldpas.portal.patient.timeline_filter import TimelineFilter
from beeldpas.portal.patient.unfinished import keep_choice, keep_ticks, note_of, or_keep, ticked
from beeldpas.portal.words.chosen import chosen_words, words_for_script
from beeldpas.portal.words.voice import Voice

TICKED, YEAR, ALL = "ticked", "year", "all"
_UNDATED = "undated"


@dataclass(frozen=True, slots=True)
class Line:
    """One examination that can be ticked, and how much it is."""

    study: Study
    number: int
    gateway_id: str
    chosen: bool
    counted: Counted


@for_patients
async def choice_page(visit: PatientVisit) -> Response:
    """Show what can be chosen, with what was chosen before."""
    draft = Draft.of(visit)
    found = await view_timeline(visit.house, visit.asker, visit.bsn)
    before, studies = dict(draft.chosen), [one for one in found.studies if can_be_shared(one)]
    lines = [_line(visit.say, number, one, before) for number, one in enumerate(studies)]
    years = [(year, list(group)) for year, group in groupby(lines, lambda line: _year(line.study))]
    nothing = visit.state("share_nothing_chosen")
    return visit.page(
        "patient/choose.html",
        visit.say.t("choose.title"),
        who="",
        here="timeline",
        errors={"content": nothing} if NOTHING_CHOSEN in visit.request.query_params else {},
        years=years,
        absent=[absence(visit, one) for one in found.missing],
        chosen=chosen_words(visit.say, draft.amount),
        unfinished=note_of(visit),
        script_words=words_for_script(visit.say),
        total=len(lines),
    )


@or_keep(keep_choice)
@for_patients
async def choose(visit: PatientVisit) -> Response:
    """Take what was chosen: the boxes that were ticked, a year or everything."""
    form = await visit.form()
    how = text(form, "how")
    found = {one.uid: one for one in (await view_timeline(visit.house, visit.asker, visit.bsn)).studies}
    if how in (YEAR, ALL):
        wanted = [one for one in found.values() if can_be_shared(one) and _is_wanted(one, how, text(form, "year"))]
        chosen = [(one.uid, text(form, f"hospital.{one.uid}") or one.origin.gateway_id) for one in wanted]
    else:
        chosen = ticked(form)
    if not chosen:
        return visit.go(f"/share?{NOTHING_CHOSEN}" if how else f"/timeline?{NOTHING_CHOSEN}")
    draft = Draft.of(visit).choosing(chosen, count_chosen(visit.say, chosen, found))
    await draft.keep(visit)
    return visit.go("/share/check" if draft.is_complete(visit.now) else "/share/terms")


@or_keep(keep_ticks)
@for_patients
async def turn(visit: PatientVisit) -> Response:
    """Keep what is ticked so far, and show the part of the list that was asked for; its address says which."""
    form = await visit.form()
    chosen, draft = ticked(form), Draft.of(visit)
    if chosen != list(draft.chosen):
        await draft.choosing(chosen).keep(visit)
    shown = [TimelineFilter.asked(form).query(), which(visit.request.query_params)]
    return visit.go(f"/timeline?{'&'.join(filter(None, shown))}".rstrip("?"))


def count_chosen(say: Voice, chosen: Sequence[tuple[str, str]], found: Mapping[str, Study]) -> Counted:
    """Count what was chosen; of what no registry named just now nobody knows how much it is."""
    unknown = Counted(1, 0)
    total = _total(_count(say, found[uid]) if uid in found else unknown for uid, _ in chosen)
    return Counted(len(chosen), len({at for _, at in chosen}), total.images, total.reports, total.size_bytes)


def _line(say: Voice, number: int, study: Study, before: Mapping[str, str]) -> Line:
    held_at = {holding.gateway_id for holding in study.holdings}
    wanted = before.get(study.uid, "")
    gateway_id = wanted if wanted in held_at else study.origin.gateway_id
    return Line(study, number, gateway_id, study.uid in before, _count(say, study))


def _count(say: Voice, study: Study) -> Counted:
    known = any(series.instances is not None for series in study.series)
    images = say.images(study.series) if known else study.instances
    sizes = [series.size_bytes for series in study.series]
    size = None if not sizes or None in sizes else sum(one for one in sizes if one is not None)
    return Counted(1, 1, images, len(study.reports), size)


def _total(parts: Iterable[Counted]) -> Counted:
    each = list(parts)
    images, sizes = [one.images for one in each], [one.size_bytes for one in each]
    return Counted(
        len(each),
        0,
        None if None in images else sum(one for one in images if one is not None),
        sum(one.reports for one in each),
        None if None in sizes else sum(one for one in sizes if one is not None),
    )


def _is_wanted(study: Study, how: str, year: str) -> bool:
    return how == ALL or year == _year(study)


def _year(study: Study) -> str:
    return str(study.started.year) if study.started else _UNDATED
