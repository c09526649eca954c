"""Who comes with a grant that was stopped, paused or has ended is in the hospital's log, too: once a minute for each.

Only of grants that are known for certain: by a token whose signature holds, or a lease of ours. Anybody else is a
line in the program's own log. The issuer is not told, since it ended the grant. *Source:* NEN 7513 §6.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy.ext.asyncio import AsyncEngine

from beeldpas.audit.event import Event
from beeldpas.audit.events import Denial
from beeldpas.audit.events import Use as UseKind
from beeldpas.audit.log import append
from beeldpas.database.engine import transaction
from beeldpas.domain.errors import Refused
from beeldpas.gateway.status import StatusBook
from beeldpas.gateway.transfers import Key
from beeldpas.gateway.uses import Holder, event_of

_A_MINUTE = timedelta(minutes=1)
_MOST = 4096


class Refusals:
    """Asks the status lists, and writes down whom they turn away."""

    def __init__(
        self,
        engine: AsyncEngine,
        statuses: StatusBook,
        gateway_id: str,
        hospital: str,
        clock: Callable[[], datetime],
    ) -> None:
        self._engine = engine
        self._statuses = statuses
        self._gateway_id = gateway_id
        self._hospital = hospital
        self._clock = clock
        self._noted: dict[tuple[str, ...], datetime] = {}

    async def require(self, key: Key, holder: Holder, of: UseKind, address: str) -> None:
        """Let through whose grant stands.

        Raises: Refused("share_revoked" or "share_suspended"), written down; Unavailable("status" or "database").
        """
        try:
            self._statuses.require(key)
        except Refused as error:
            await self._note(holder, of, error.reason, address)
            raise

    async def _note(self, holder: Holder, of: UseKind, reason: str, address: str) -> None:
        now, name = self._clock(), (holder.issuer, holder.grant, holder.subject, of.value, reason)
        noted = self._noted.get(name)
        if noted is not None and now < noted + _A_MINUTE:
            return
        async with transaction(self._engine) as connection:
            await append(connection, self._event(holder, of, reason, address, now))
        if len(self._noted) >= _MOST:
            self._noted = {one: at for one, at in self._noted.items() if now < at + _A_MINUTE}
        self._noted[name] = now

    def _event(self, holder: Holder, of: UseKind, reason: str, address: str, now: datetime) -> Event:
        details = {"gateway": self._gateway_id, "hospital": self._hospital, "grant": holder.grant, "of": of.value}
        return event_of(
            holder,
            str(uuid4()),
            now,
            Denial.REFUSE_USE,
            "refused",
            details,
            self._gateway_id,
            reason=reason,
            address=address,
        )
