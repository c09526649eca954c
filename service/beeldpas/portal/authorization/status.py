"""The Token Status List of each hospital: signed anew when something was stopped or paused, and every ten seconds.

A gateway asks every second. What it gets is at most ten seconds old while nothing changes, and says a change
from the moment that its transaction is committed. *Source:* draft-ietf-oauth-status-list §5, §8; docs/wire.md §5.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from starlette.requests import Request
from starlette.responses import Response

from beeldpas.database.engine import transaction
from beeldpas.domain.errors import BeeldpasError
from beeldpas.formats import jose
from beeldpas.formats.statuslist import BITS, TokenStatus, pack
from beeldpas.portal.access_token import status_uri
from beeldpas.portal.house import House
from beeldpas.portal.store import statuses
from beeldpas.portal.store.statuses import LIST_SIZE, Statuses
from beeldpas.web.errors import problem_response

STATUS_LIST_TYPE = "statuslist+jwt"
MEDIA_TYPE = "application/statuslist+jwt"
RENEWED_AFTER = timedelta(seconds=10)
LIFETIME = timedelta(seconds=30)
_POLL_SECONDS = 1


@dataclass(frozen=True, slots=True)
class SignedList:
    """A list as it was signed, and of which version."""

    token: str
    version: int
    signed_at: datetime

    @property
    def etag(self) -> str:
        """A strong tag: other bytes, other tag."""
        return f'"{sha256(self.token.encode()).hexdigest()[:32]}"'


class StatusLists:
    """The lists that this process signed last, one per hospital."""

    def __init__(self) -> None:
        self._signed: dict[str, SignedList] = {}

    async def answer(self, request: Request) -> Response:
        """Give a hospital's list, or 304 when the caller has this very one."""
        try:
            signed = await self.current(request.app.state.house, request.path_params["gateway_id"])
        except BeeldpasError as error:
            return problem_response(error)
        headers = {"ETag": signed.etag, "Cache-Control": "no-cache"}
        known = [tag.strip() for tag in request.headers.get("if-none-match", "").split(",")]
        if signed.etag in known:
            return Response(status_code=304, headers=headers)
        return Response(signed.token, headers=headers, media_type=MEDIA_TYPE)

    async def current(self, house: House, gateway_id: str) -> SignedList:
        """Return the list as it is now. Raises: NotFound for an unknown hospital, Unavailable("database")."""
        house.directory.by_id(gateway_id)
        now, last = house.clock(), self._signed.get(gateway_id)
        async with transaction(house.engine) as connection:
            version = await statuses.version(connection, gateway_id)
            if last and last.version == version and now - last.signed_at < RENEWED_AFTER:
                return last
            said = await statuses.read(connection, gateway_id)
        signed = _sign(house, gateway_id, said, now)
        self._signed[gateway_id] = signed
        return signed


def _sign(house: House, gateway_id: str, said: Statuses, now: datetime) -> SignedList:
    issued_at = int(now.timestamp())
    claims = {
        "iss": house.settings.base_url,
        "sub": status_uri(house, gateway_id),
        "iat": issued_at,
        "exp": issued_at + int(LIFETIME.total_seconds()),
        "ttl": _POLL_SECONDS,
        "status_list": {
            "bits": BITS,
            "lst": pack(LIST_SIZE, _places(said)),
        },
    }
    return SignedList(jose.sign(claims, typ=STATUS_LIST_TYPE, key=house.keys), said.version, now)


def _places(said: Statuses) -> Iterator[tuple[int, TokenStatus]]:
    yield from ((place, TokenStatus.INVALID) for place in said.invalid)
    yield from ((place, TokenStatus.SUSPENDED) for place in said.suspended)
