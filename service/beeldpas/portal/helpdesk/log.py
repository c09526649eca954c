"""The security officer's page: choose a period, take its log away as a table."""

from collections.abc import AsyncIterator
from datetime import date, timedelta

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from beeldpas.audit.export_nen7513 import MEDIA_TYPE, table
from beeldpas.domain.errors import NotFound, Refused
from beeldpas.domain.share import HERE
from beeldpas.portal.actions.export_log import export_log
from beeldpas.portal.helpdesk.door import StaffVisit, for_staff
from beeldpas.portal.identity.staff import SECURITY
from beeldpas.portal.pages.states import StateText

_USUAL_DAYS = 31


@for_staff
async def choose(visit: StaffVisit) -> Response:
    """Ask for the period; last month, when nobody says otherwise. Raises: NotFound for who is not of security."""
    if visit.staff is None or SECURITY not in visit.staff["roles"]:
        raise NotFound
    today = visit.now.astimezone(HERE).date()
    return _page(visit, str(today - timedelta(days=_USUAL_DAYS - 1)), str(today), {})


@for_staff
async def download(visit: StaffVisit) -> Response:
    """Give the table of the period in the address. Raises: NotFound for who is not of security."""
    since, until = _day(visit.request, "since"), _day(visit.request, "until")
    try:
        found = await export_log(visit.house, visit.asker, since=since, until=until)
    except Refused as error:
        asked = visit.request.query_params
        return _page(visit, asked.get("since", ""), asked.get("until", ""), {"since": visit.state(error.reason)})
    name = f"log-{since}-{until}.csv"
    fields = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return StreamingResponse(_bytes(table(found)), media_type=MEDIA_TYPE, headers=fields)


async def _bytes(lines: AsyncIterator[str]) -> AsyncIterator[bytes]:
    """With the mark by which spreadsheets know UTF-8."""
    yield b"\xef\xbb\xbf"
    async for line in lines:
        yield line.encode()


def _page(visit: StaffVisit, since: str, until: str, errors: dict[str, StateText]) -> Response:
    return visit.page(
        "helpdesk/log.html",
        visit.say.t("security.title"),
        who=visit.who,
        status=400 if errors else 200,
        errors=errors,
        form={"since": since, "until": until},
    )


def _day(request: Request, name: str) -> date | None:
    """Return a day of the address; None when it is none."""
    try:
        return date.fromisoformat(request.query_params.get(name, ""))
    except ValueError:
        return None
