"""Who has looked: everything that was done with the patient's images, in plain words and as JSON."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import timedelta

from starlette.responses import JSONResponse, Response

from beeldpas.domain.actions import Action
from beeldpas.portal.actions.view_log import LogLine, view_log
from beeldpas.portal.pages.visit import Visit
from beeldpas.portal.patient.door import PatientVisit, for_patients

_PERIODS = (7, 30, 365)


@dataclass(frozen=True, slots=True)
class LineWords:
    """One line in words; `provider` when a care provider did it, whose name is then told.

    `standing_in` says on what ground somebody did it in the patient's stead; "" when nobody stood in.
    """

    text: str
    provider: bool
    standing_in: str


@for_patients
async def log(visit: PatientVisit) -> Response:
    """Show the log of a period."""
    asked = visit.request.query_params.get("days", "")
    period = int(asked) if asked in map(str, _PERIODS) else 30
    whose = "all" if visit.request.query_params.get("whose") == "all" else "others"
    lines = await view_log(visit.house, visit.asker, since=visit.now - timedelta(days=period))
    return visit.page(
        "patient/log.html",
        visit.say.t("log.title"),
        who="",
        here="log",
        periods=_PERIODS,
        period=period,
        whose=whose,
        lines=[
            (line, line_words(visit, line))
            for line in told_once(lines)
            if whose == "all" or line.who_kind != "patient" or line.on_behalf
        ],
    )


@for_patients
async def log_json(visit: PatientVisit) -> Response:
    """Give the whole log as a file for machines."""
    lines = await view_log(visit.house, visit.asker)
    body = [{**asdict(line), "at": line.at.isoformat(), "what": dict(line.what)} for line in lines]
    return JSONResponse(body, headers={"Content-Disposition": 'attachment; filename="log.json"'})


def told_once(lines: Iterable[LogLine]) -> Iterable[LogLine]:
    """Tell a download once: as its hospital reported its end, not also its code, its start and its way there."""
    ended: Counter[str] = Counter()
    for line in lines:
        grant = str(line.what.get("grant", ""))
        if line.action == Action.EXCHANGE_CODE or (line.action == Action.START_DOWNLOAD and not line.reason):
            continue
        if line.what.get("phase") == "ended":
            ended[grant] += 1
        elif line.what.get("phase") == "started" and ended[grant]:
            ended[grant] -= 1
            continue
        yield line


def line_words(visit: Visit, line: LogLine) -> LineWords:
    """Say what happened; a kind of event without its own sentence gets a general one."""
    t = visit.say.t
    key = next(
        key for key in (f"event.{line.action}.{line.outcome}", f"event.{line.action}", "event.other") if t.knows(key)
    )
    hospital = str(line.what.get("hospital", "")) or line.source
    studies = line.what.get("studies")
    said = t(
        key,
        hospital=hospital,
        studies=visit.say.count("count.studies", len(studies)) if isinstance(studies, list) else "",
    )
    size = f" ({visit.say.size(line.bytes)})" if line.bytes else ""
    standing_in = t(f"log.by.{line.on_behalf}") if line.on_behalf else ""
    return LineWords(said + size, line.who_kind == "provider", standing_in)
