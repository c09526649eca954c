"""Who asks, by the token in the request: read once, and its entry in the status list every time.

A viewer shows the same token with each of a thousand requests; its signature needs checking once.
"""

from collections import OrderedDict
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256

from starlette.requests import Request

from beeldpas.audit.events import Use as UseKind
from beeldpas.database.engine import transaction
from beeldpas.domain.errors import Refused
from beeldpas.gateway.house import House
from beeldpas.gateway.tokens import Admission
from beeldpas.gateway.uses import Holder, address_of

_TRUSTED_FOR = timedelta(seconds=10)
_MOST_TOKENS = 1024


class Admissions:
    """Tokens that were read a moment ago, by their hash; after ten seconds one is read again, so it also expires."""

    def __init__(self) -> None:
        self._read: OrderedDict[bytes, tuple[datetime, Admission]] = OrderedDict()

    async def admit(self, request: Request) -> tuple[House, Admission]:
        """Let in who may see something here, with the studies that they may see.

        Raises: Refused("invalid_token" | "hospital_forbids"); Unavailable("status" | "database").
        """
        house: House = request.app.state.house
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            raise Refused("invalid_token")
        admission = await self._admission(house, token.strip())
        try:
            address = address_of(request.scope)
            await house.refusals.require(admission.key, holder_of(admission), UseKind.RETRIEVE, address)
        except Refused as error:
            raise Refused("invalid_token") from error
        return house, replace(admission, address=address)

    async def _admission(self, house: House, token: str) -> Admission:
        now, name = house.clock(), sha256(token.encode("utf-8", "surrogateescape")).digest()
        at, admission = self._read.get(name, (None, None))
        if at is not None and admission is not None and at <= now < at + _TRUSTED_FOR:
            return admission
        self._read.pop(name, None)
        admission = house.trust.admit(token, now)
        async with transaction(house.engine) as connection:
            admission = await house.rules.narrowed(connection, admission, now)
        self._read[name] = now, admission
        if len(self._read) > _MOST_TOKENS:
            self._read.popitem(last=False)
        return admission


def holder_of(admission: Admission) -> Holder:
    """Return on whose behalf something is served."""
    grant = admission.grant
    return Holder(grant.issuer, grant.handle, admission.subject, grant.receiver, admission.purpose, grant.basis)
