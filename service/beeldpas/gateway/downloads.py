"""The two steps of a download: a one-time code becomes a lease, a lease gives the archive, or one report to read.

The code is exchanged over a connection of the gateway's own, so a browser never holds a token.
*Source:* docs/wire.md §4; RFC 6749 §4.1.3, RFC 7523.
"""

import asyncio
from dataclasses import replace
from uuid import uuid4

import httpx2
import structlog
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp

from beeldpas.audit.event import Event
from beeldpas.audit.events import Use as UseKind
from beeldpas.audit.log import append
from beeldpas.database.engine import transaction
from beeldpas.domain.actions import Action
from beeldpas.domain.errors import Malformed, NotFound, Refused, Unavailable
from beeldpas.domain.secret import OneTimeCode, Secret
from beeldpas.formats.assertion import CLIENT_ASSERTION_TYPE, sign_assertion
from beeldpas.gateway import indexing, leases, reports
from beeldpas.gateway.deliveries import Seen
from beeldpas.gateway.dicomweb.admission import holder_of as admitted
from beeldpas.gateway.house import House
from beeldpas.gateway.leases import Lease
from beeldpas.gateway.own_rules import Asking
from beeldpas.gateway.pacs import waiting
from beeldpas.gateway.respond import Body, BodyResponse
from beeldpas.gateway.tokens import Admission, TrustedIssuer
from beeldpas.gateway.uses import Holder, address_of, event_of

_EXCHANGE_SECONDS = 8.0
_LONGEST_CODE = 200
log = structlog.get_logger()


async def start(request: Request) -> Response:
    """Exchange the one-time code of the address for a lease, and go on to the archive, or to the report to read.

    Raises: Malformed("download_link_old") when the code is used, late or no code; Refused("hospital_forbids") when
    the hospital's own rules leave nothing of it; Unavailable.
    """
    house: House = request.app.state.house
    if request.method != "GET":  # a program that only looks must not spend the code
        raise Malformed("method_not_allowed")
    issuer = house.trust.issuers.get(request.query_params.get("iss", ""))
    code = OneTimeCode(request.query_params.get("code", ""))
    if issuer is None or not 0 < len(code.reveal()) <= _LONGEST_CODE:
        raise Malformed("download_link_old")
    report = reports.wants_report(request)
    token = await _exchange(house, issuer, code)
    admission = house.trust.admit(token.reveal(), house.clock())
    if admission.grant.issuer != issuer.iss:
        raise Refused("invalid_token")
    address = address_of(request.scope)
    await house.refusals.require(admission.key, admitted(admission), UseKind.DOWNLOAD, address)
    lease = await _make_lease(house, admission, address)
    if lease is None:
        raise Refused("hospital_forbids")
    response = RedirectResponse(_address(request, house, lease, report), 303)
    response.set_cookie(
        leases.cookie_name(lease.id),
        house.leases.sign(lease.id).reveal(),
        max_age=int(house.leases.lifetime.total_seconds()),
        path="/",
        secure=True,
        httponly=True,
        samesite="lax",
    )
    return response


def _address(request: Request, house: House, lease: Lease, report: str) -> str:
    if report:
        return reports.address_of_report(lease, report, request.query_params.get("back", ""))
    return f"/leases/{lease.id}/beeldpas-{house.settings.gateway_id}-{lease.id}.zip"


async def report(request: Request) -> ASGIApp:
    """Show one report of a lease as a page. Raises: as `archive` does; NotFound("report_not_here")."""
    house: House = request.app.state.house
    return await reports.page(request, house, await _lease_of(house, request))


async def report_document(request: Request) -> ASGIApp:
    """Give the PDF of one report of a lease. Raises: as `report` does."""
    house: House = request.app.state.house
    return await reports.document(request, house, await _lease_of(house, request))


async def _exchange(house: House, issuer: TrustedIssuer, code: OneTimeCode) -> Secret:
    own = house.settings.base_url
    proof = sign_assertion(client_id=own, audience=issuer.iss, now=house.clock(), key=house.keys)
    form = {
        "grant_type": "authorization_code",
        "code": code.reveal(),
        "redirect_uri": f"{own}/download",
        "client_id": own,
        "client_assertion_type": CLIENT_ASSERTION_TYPE,
        "client_assertion": proof.reveal(),
    }
    try:
        async with asyncio.timeout(_EXCHANGE_SECONDS):
            response = await house.client.post(issuer.settings.token_endpoint, data=form)
        answer = response.json()
        status, error, token = response.status_code, answer.get("error"), answer.get("access_token")
    except (httpx2.HTTPError, TimeoutError, ValueError, AttributeError, RecursionError) as failure:
        log.warning("exchange_failed", kind=type(failure).__name__)
        raise Unavailable("issuer") from failure
    if status == 400 and error == "invalid_grant":
        raise Malformed("download_link_old")
    if status != 200 or not isinstance(token, str):
        log.error("exchange_refused", status=status)
        raise Unavailable("issuer")
    return Secret(token)


async def _make_lease(house: House, admission: Admission, address: str) -> Lease | None:
    """Make the lease and its entry in the access log together; None, and an entry, when nothing may be given."""
    studies, now = admission.grant.studies, house.clock()
    async with transaction(house.engine) as connection:
        if not await house.rules.permitted(connection, studies, Asking.of_admission(admission), now):
            refused = replace(_exchanged(house, admission, "refused", address), reason="hospital_forbids")
            await append(connection, refused)
            return None
        generation = await indexing.generation(connection)
        key_id = house.keys.keys[0].kid or ""
        lease = await leases.make(connection, admission, generation, key_id, now, house.leases.lifetime)
        await waiting.begin(connection, lease, now)
        exchanged = _exchanged(house, admission, "completed", address)
        await append(connection, exchanged)
    return lease


def _exchanged(house: House, admission: Admission, outcome: str, address: str) -> Event:
    settings = house.settings
    details = {"gateway": settings.gateway_id, "hospital": settings.hospital, "grant": admission.grant.handle}
    holder, now = admitted(admission), house.clock()
    event = event_of(holder, str(uuid4()), now, Action.EXCHANGE_CODE, outcome, details, settings.gateway_id)
    return replace(event, actor=replace(event.actor, address=address))


async def archive(request: Request) -> ASGIApp:
    """Give the archive of a lease, or a range of it.

    Raises: NotFound("download_link_old") without a lease that holds; Refused when it was revoked, or ended before
    anything was sent.
    """
    house: House = request.app.state.house
    lease = await _lease_of(house, request)
    found = await house.archives.of(lease)
    account = house.slots.account(lease, found.pieces.total, house.settings.lease_times)
    if house.clock() >= lease.grant_ends_at and not account.sent:
        raise Refused("share_expired")
    name = f"beeldpas-{house.settings.gateway_id}-{lease.id}.zip"
    body = Body(
        pieces=found.pieces,
        headers={"Content-Type": "application/zip", "Content-Disposition": f'attachment; filename="{name}"'},
        etag=found.etag,
        kind=UseKind.DOWNLOAD,
        holder=holder_of(lease),
        studies=found.studies,
        key=lease.key,
        account=account,
        seen=Seen(lease.generation),
    )
    return BodyResponse(house, body)


async def _lease_of(house: House, request: Request) -> Lease:
    lease_id = request.path_params["lease_id"]
    shown = request.headers.get(leases.HEADER) or request.cookies.get(leases.cookie_name(lease_id)) or ""
    if house.leases.lease_id(shown) != lease_id:
        raise NotFound("download_link_old")
    async with transaction(house.engine) as connection:
        lease = await leases.find(connection, lease_id, house.clock())
        if lease is None:
            raise NotFound("download_link_old")
    await house.refusals.require(lease.key, holder_of(lease), UseKind.DOWNLOAD, address_of(request.scope))
    async with transaction(house.engine) as connection:
        return await waiting.ready(connection, lease)


def holder_of(lease: Lease) -> Holder:
    """Return on whose behalf a lease is used."""
    return Holder(lease.issuer, lease.grant, lease.subject, lease.receiver, lease.purpose, lease.basis)
