"""One report of a lease as a page, for who wants to read and not to download.

What the lease does not hold, what is withheld and what never was are one and the same 404. Reading is a use like
looking at images: it is written down before the first letter leaves. *Source:* docs/wire.md §4.
"""

import re
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.types import ASGIApp

from beeldpas.database.engine import transaction
from beeldpas.domain.errors import NotFound, Refused
from beeldpas.domain.report_name import is_report_name, report_name
from beeldpas.gateway.amendments import replaced
from beeldpas.gateway.dicomweb.images import read
from beeldpas.gateway.dicomweb.sending import PiecemealResponse, one
from beeldpas.gateway.holdings import HeldReport
from beeldpas.gateway.house import House
from beeldpas.gateway.index import reports_of
from beeldpas.gateway.leases import Lease
from beeldpas.gateway.report_words import POLICY, Frame
from beeldpas.gateway.uses import Holder, address_of

_BACK = re.compile(r"(/[a-z]{2})?/(studies/[0-9a-f]{20}|provider/shares/[A-Za-z0-9_-]{1,64})")
_PDF_POLICY = f"{POLICY}; object-src 'self'"


@dataclass(frozen=True, slots=True)
class _Found:
    study_uid: str
    sop_uid: str
    report: HeldReport
    newer: str | None
    older: str | None


def address_of_report(lease: Lease, name: str, back: str) -> str:
    """Return where a report is read; a `back` that is no page of the portal is forgotten."""
    query = f"?{urlencode({'back': back})}" if _BACK.fullmatch(back) else ""
    return f"/leases/{lease.id}/reports/{name}{query}"


def wants_report(request: Request) -> str:
    """Return the name of the report that a code was made for; "" for a download. Raises: NotFound."""
    name = request.query_params.get("report", "")
    if name and not is_report_name(name):
        raise NotFound("report_not_here")
    return name


async def page(request: Request, house: House, lease: Lease) -> ASGIApp:
    """Show a report, or the page that leads to its PDF. Raises: NotFound("report_not_here"); Refused."""
    found, back = await _find(request, house, lease), request.query_params.get("back", "")
    frame = Frame(
        language=lease.language,
        hospital=house.settings.hospital,
        is_patient=lease.basis == "own",
        back=f"{lease.issuer}{back}" if _BACK.fullmatch(back) else None,
        newer=address_of_report(lease, found.newer, back) if found.newer else None,
        older=address_of_report(lease, found.older, back) if found.older else None,
    )
    if found.report.kind == "pdf":
        here = address_of_report(lease, request.path_params["name"], "")
        content = frame.page_of_pdf(found.report.title, f"{here}.pdf")
    else:
        content = frame.around_page(await _content(house, found.report))
    return await _answer(request, house, lease, found, content, "text/html; charset=utf-8", POLICY)


async def document(request: Request, house: House, lease: Lease) -> ASGIApp:
    """Give the PDF of a report. Raises: NotFound("report_not_here"); Refused."""
    found = await _find(request, house, lease)
    if found.report.kind != "pdf":
        raise NotFound("report_not_here")
    content = await _content(house, found.report)
    return await _answer(request, house, lease, found, content, "application/pdf", _PDF_POLICY)


async def _find(request: Request, house: House, lease: Lease) -> _Found:
    if house.clock() >= lease.grant_ends_at:
        raise Refused("share_expired")
    served, wanted = await house.archives.served(lease), request.path_params["name"]
    async with transaction(house.engine) as connection:
        reports = await reports_of(connection, served, lease.onlooker)
        here = {report_name(lease.grant, uid): one for uid, one in reports.items()}
        if wanted not in here:
            raise NotFound("report_not_here")
        study_uid, sop_uid, report = here[wanted]
        newer = await replaced(connection, [study_uid], lease.onlooker)
    older = next((old for old, new in newer.items() if new == sop_uid), "")
    names = [report_name(lease.grant, uid) if uid else "" for uid in (newer.get(sop_uid, ""), older)]
    return _Found(study_uid, sop_uid, report, *(name if name in here else None for name in names))


async def _content(house: House, report: HeldReport) -> bytes:
    content = report.content
    return content if isinstance(content, bytes) else bytes(await read(house, content, 0, content.length))


async def _answer(
    request: Request, house: House, lease: Lease, found: _Found, content: bytes, media_type: str, policy: str
) -> ASGIApp:
    holder = Holder(lease.issuer, lease.grant, lease.subject, lease.receiver, lease.purpose, lease.basis)
    most = house.settings.download_connections
    viewing = await house.viewings.join(holder, lease.key, (found.study_uid,), most, address_of(request.scope))
    headers = {"Content-Type": media_type, "Content-Security-Policy": policy, "Content-Disposition": "inline"}
    return PiecemealResponse(house, viewing, one(content), headers, length=len(content), instances=(found.sop_uid,))
