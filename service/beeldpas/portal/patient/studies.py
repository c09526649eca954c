"""One examination of the patient: what it is, its reports behind a choice, who has seen it, and downloading it."""

from dataclasses import dataclass

from starlette.responses import RedirectResponse, Response

from beeldpas.domain.errors import NotFound
from beeldpas.domain.share import HERE
from beeldpas.domain.study import Report, Study
from beeldpas.portal.actions.open_own import open_own
from beeldpas.portal.actions.opened_reports import opened_reports
from beeldpas.portal.actions.read_report import read_report
from beeldpas.portal.actions.start_download import start_download
from beeldpas.portal.actions.view_log import LogQuery, view_log_page
from beeldpas.portal.actions.view_timeline import find_study
from beeldpas.portal.pages.language import address
from beeldpas.portal.pages.states import StateText
from beeldpas.portal.pages.visit import text
from beeldpas.portal.patient.door import PatientVisit, for_patients
from beeldpas.portal.patient.log_words import told
from beeldpas.portal.patient.shown_studies import can_be_shared, is_named
from beeldpas.portal.patient.small_pictures import SmallPictures, has_picture
from beeldpas.portal.patient.timeline import images_in
from beeldpas.portal.patient.timeline_filter import OTHER, kinds_of
from beeldpas.portal.patient.unfinished import note_of
from beeldpas.portal.words import codes

_PROVISIONAL = ("registered", "partial", "preliminary")
_CHANGED = ("amended", "corrected", "appended")
_MOST_SEEN = 100


@dataclass(frozen=True, slots=True)
class ReportLine:
    """A report in the list; `asks` when the reader is asked first whether to read it now."""

    number: int
    report: Report
    state: StateText | None
    asks: bool
    can_read: bool


@for_patients
async def study(visit: PatientVisit) -> Response:
    """Show one examination: what it is, its reports, and how to look at it and download it."""
    one = await _find(visit)
    unknown = [each for each in one.modalities if codes.modality(each) is None]
    has_images = any(codes.kind(code) in (codes.Kind.IMAGE, codes.Kind.GRAPH) for code in one.modalities)
    pictures = SmallPictures.of(visit, [(one, one.origin.gateway_id)])
    return visit.page(
        "patient/study.html",
        visit.say.title(one),
        who="",
        here="timeline",
        study=one,
        images=images_in(visit.say, one),
        can_share=can_be_shared(one),
        unfinished=note_of(visit),
        technical=_technical(one),
        key=visit.request.path_params["key"],
        kinds=[code for code in kinds_of(one) if code != OTHER],
        unknown=unknown,
        can_look=any(codes.kind(code) is codes.Kind.IMAGE for code in one.modalities),
        report_only=None
        if has_images or not one.reports
        else visit.state("report_only", hospital=one.origin.hospital),
        reports=await _lines(visit, one),
        no_report=visit.state("no_report"),
        has_picture=has_picture(one, one.origin.gateway_id),
        pictures=pictures,
        csp="thumbnails" if pictures else "plain",
        images_from=pictures.hospitals if pictures else (),
    )


@for_patients
async def ask_report(visit: PatientVisit) -> Response:
    """Ask whether the reader wants to read a report now: it may say something that they do not expect."""
    one = await _find(visit)
    line = await _line(visit, one)
    return visit.page(
        "patient/report.html",
        visit.say.t("report.title"),
        who="",
        here="timeline",
        study=one,
        line=line,
        key=visit.request.path_params["key"],
        asks_always=visit.preferences.reports_on_request,
    )


@for_patients
async def report(visit: PatientVisit) -> Response:
    """Send the browser to the hospital, which shows the report."""
    one = await _find(visit)
    line = await _line(visit, one)
    gateway_id = one.origin.gateway_id
    grant = await open_own(visit.house, visit.asker, visit.bsn, one.uid, gateway_id)
    back = address(visit.say.catalogue, f"/studies/{visit.request.path_params['key']}")
    to = await read_report(
        visit.house, visit.asker, grant.handle, one.uid, line.report.identifier, visit.say.language, back
    )
    return RedirectResponse(to.redirect_url, 303)


@for_patients
async def seen(visit: PatientVisit) -> Response:
    """Tell who downloaded, looked at or read this examination, from the log."""
    one = await _find(visit)
    query = LogQuery(study=one.uid, limit=_MOST_SEEN)
    page = await view_log_page(visit.house, visit.asker, query)
    return visit.page(
        "patient/seen.html",
        visit.say.t("seen.title"),
        who="",
        here="timeline",
        study=one,
        key=visit.request.path_params["key"],
        lines=told(visit.say, page.lines),
        more=page.older is not None,
    )


@for_patients
async def download(visit: PatientVisit) -> Response:
    """Send the browser to the hospital with a one-time code for the patient's own images."""
    one = await _find(visit)
    gateway_id = text(await visit.form(), "hospital")
    grant = await open_own(visit.house, visit.asker, visit.bsn, one.uid, gateway_id)
    started = await start_download(visit.house, visit.asker, grant.handle, visit.say.language)
    return RedirectResponse(started.redirect_url, 303)


async def _find(visit: PatientVisit) -> Study:
    key = visit.request.path_params["key"]

    def is_wanted(one: Study) -> bool:
        return bool(one.holdings) and is_named(visit, one, key)

    found = await find_study(visit.house, visit.asker, visit.bsn, is_wanted)
    for one in filter(is_wanted, found.studies):
        return one
    raise NotFound()


async def _lines(visit: PatientVisit, one: Study) -> list[ReportLine]:
    if not one.reports:
        return []
    before = await opened_reports(visit.house, visit.asker)
    always = visit.preferences.reports_on_request
    return [
        ReportLine(
            number=number,
            report=each,
            state=_state(visit, one, each),
            asks=always or each.identifier not in before,
            can_read=not _is_announced(visit, each),
        )
        for number, each in enumerate(one.reports, start=1)
    ]


async def _line(visit: PatientVisit, one: Study) -> ReportLine:
    """Return the report that the address names. Raises: NotFound, also for one that is not to be read yet."""
    number = visit.request.path_params["number"]
    for line in await _lines(visit, one):
        if str(line.number) == number and line.can_read:
            return line
    raise NotFound()


def _state(visit: PatientVisit, one: Study, each: Report) -> StateText | None:
    hospital = one.origin.hospital
    if _is_announced(visit, each):
        return visit.state("report_embargo_announced", hospital=hospital, date=visit.say.date(each.readable_from))
    if one.is_replaced(each):
        return StateText(visit.say.t("study.report_older"), visit.say.t("study.report_older_why"), "")
    if each.status in _PROVISIONAL:
        return visit.state("report_provisional", hospital=hospital)
    if each.status in _CHANGED:
        return visit.state("report_amended", date=visit.say.date(each.issued))
    return None


def _is_announced(visit: PatientVisit, report: Report) -> bool:
    """Say that the hospital shows a report later; a day begins at midnight in the Netherlands."""
    return report.readable_from is not None and visit.now.astimezone(HERE).date() < report.readable_from


def _technical(one: Study) -> int:
    """Count what is in the download and cannot be looked at."""
    return sum(series.instances or 0 for series in one.series if codes.kind(series.modality) is codes.Kind.TECHNICAL)
