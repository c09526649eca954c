"""Who has looked: everything that was done with the patient's images, in plain words, as PDF and as JSON."""

from dataclasses import asdict

from starlette.responses import JSONResponse, Response

from beeldpas.portal.actions.report_use import report_use
from beeldpas.portal.actions.revoke_share import revoke_share
from beeldpas.portal.actions.view_log import LogLine, view_log_line, view_log_page
from beeldpas.portal.letter.log_pdf import PrintedLog, write_log
from beeldpas.portal.patient import shown
from beeldpas.portal.patient.door import PatientVisit, for_patients
from beeldpas.portal.patient.log_filter import OWN, PERIODS, LogFilter
from beeldpas.portal.patient.log_words import sentence, told

_MOST_IN_PDF, _MOST_IN_JSON = 500, 5000
_NOT_ME = "not_me"


@for_patients
async def log(visit: PatientVisit) -> Response:
    """Show one page of the log."""
    chosen = LogFilter.read(visit.request.query_params, visit.now)
    page = await view_log_page(visit.house, visit.asker, chosen.query(visit.now))
    return visit.page(
        "patient/log.html",
        visit.say.t("log.title"),
        who="",
        here="log",
        periods=PERIODS,
        own=OWN,
        chosen=chosen,
        today=visit.now.date(),
        shares=page.shares,
        lines=told(visit.say, page.lines),
        older=chosen.address(page.older) if page.older else "",
        newest=chosen.address() if chosen.before else "",
        same=chosen.address(),
    )


@for_patients
async def log_pdf(visit: PatientVisit) -> Response:
    """Give the chosen part of the log on paper."""
    chosen = LogFilter.read(visit.request.query_params, visit.now)
    page = await view_log_page(visit.house, visit.asker, chosen.query(visit.now, _MOST_IN_PDF))
    is_cut = _MOST_IN_PDF if page.older else 0
    printed = PrintedLog(told(visit.say, page.lines), chosen.first, chosen.last, visit.now, is_cut)
    pdf = await write_log(visit.pages, visit.say, printed)
    return Response(pdf, media_type="application/pdf", headers=_as_file("log.pdf"))


@for_patients
async def log_json(visit: PatientVisit) -> Response:
    """Give the chosen part of the log for machines; everything of the last year when nothing was chosen."""
    asked = dict(visit.request.query_params) or {"days": str(PERIODS[-1]), "whose": "all"}
    chosen = LogFilter.read(asked, visit.now)
    page = await view_log_page(visit.house, visit.asker, chosen.query(visit.now, _MOST_IN_JSON))
    more = {"Link": f'</log.json?{chosen.address(page.older)}>; rel="next"'} if page.older else {}
    return JSONResponse([_plain(line) for line in page.lines], headers=_as_file("log.json") | more)


@for_patients
async def ask_not_me(visit: PatientVisit) -> Response:
    """Say what reporting a line does, before it is done."""
    line = await view_log_line(visit.house, visit.asker, visit.request.path_params["event_id"])
    return visit.page(
        "patient/not_me.html",
        visit.say.t("not_me.title"),
        who="",
        here="log",
        line=line,
        text=sentence(visit.say, line),
    )


@for_patients
async def not_me(visit: PatientVisit) -> Response:
    """Stop the share that the line is about, and report the line."""
    event_id = visit.request.path_params["event_id"]
    reported = await report_use(visit.house, visit.asker, event_id)
    if reported.share_id is not None:
        await revoke_share(visit.house, visit.asker, share_id=reported.share_id, why=_NOT_ME)
        await shown.hide(visit, reported.share_id)
    return visit.page(
        "patient/not_me_done.html",
        visit.say.t("not_me.done_title"),
        who="",
        here="log",
        reference=reported.reference,
        number=event_id[:8],
    )


def _plain(line: LogLine) -> dict[str, object]:
    plain = asdict(line)
    plain |= {"at": line.at.isoformat(), "what": dict(line.what)}
    plain["studies"] = [study.uid for study in line.studies]
    del plain["place"]
    return plain


def _as_file(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}
