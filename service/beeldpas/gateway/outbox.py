"""Telling issuers of uses: what must be told is kept until the issuer has it, over restarts and long outages.

Storing twice is harmless at the other end, so an answer that got lost is simply asked for again.
*Source:* docs/wire.md §6.
"""

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx2
import structlog
from joserfc.jwk import KeySet
from sqlalchemy import Row, delete, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from beeldpas.database.engine import transaction
from beeldpas.domain.errors import Unavailable
from beeldpas.formats import jose
from beeldpas.gateway.store import tables
from beeldpas.gateway.tokens import TrustedIssuer

USES_TYPE = "uses+jwt"
MEDIA_TYPE = "application/jose"
_AT_ONCE = 100
_PAUSE_SECONDS = 0.5
_DEADLINE_SECONDS = 10.0
_LONGEST_WAIT = timedelta(minutes=5)
log = structlog.get_logger()


class Outbox:
    """Sends what waits, issuer by issuer, oldest first."""

    def __init__(
        self,
        engine: AsyncEngine,
        client: httpx2.AsyncClient,
        issuers: Mapping[str, TrustedIssuer],
        base_url: str,
        key: KeySet,
        clock: Callable[[], datetime],
    ) -> None:
        self._engine = engine
        self._client = client
        self._issuers = issuers
        self._base_url = base_url
        self._key = key
        self._clock = clock

    async def run(self) -> None:
        """Send until cancelled."""
        while True:
            try:
                await self.send_waiting()
            except Unavailable:
                log.warning("outbox_database_unavailable")
            await asyncio.sleep(_PAUSE_SECONDS)

    async def send_waiting(self) -> int:
        """Send what is due, once; return how many events the issuers have now."""
        done = 0
        for issuer in self._issuers.values():
            while due := await self._due(issuer.iss):
                told = await self._send(issuer, due)
                if not told:
                    await self._postpone(due)
                    break
                await self._forget(told)
                done += len(told)
        return done

    async def waiting(self) -> int:
        """Return how many events nobody was told of yet."""
        async with transaction(self._engine) as connection:
            return len((await connection.execute(select(tables.outbox.c.event_id))).all())

    async def _due(self, iss: str) -> Sequence[Row[*tuple[Any, ...]]]:
        table = tables.outbox
        wanted = (
            select(table)
            .where(table.c.issuer == iss, table.c.next_at <= self._clock())
            .order_by(table.c.made_at)
            .limit(_AT_ONCE)
        )
        async with transaction(self._engine) as connection:
            return (await connection.execute(wanted)).all()

    async def _send(self, issuer: TrustedIssuer, due: Sequence[Row[*tuple[Any, ...]]]) -> list[str]:
        """Return the ids that the issuer settled: stored, or refused for good."""
        try:
            async with asyncio.timeout(_DEADLINE_SECONDS):
                response = await self._client.post(
                    issuer.settings.uses_endpoint,
                    content=self._message(issuer.iss, due),
                    headers={"Content-Type": MEDIA_TYPE},
                )
            answer = response.json() if response.status_code == 200 else {}
            stored, refused = [*answer.get("stored", ())], [*answer.get("refused", ())]
        except (httpx2.HTTPError, TimeoutError, ValueError, AttributeError, TypeError, RecursionError) as error:
            log.warning("uses_not_told", kind=type(error).__name__)
            return []
        if response.status_code != 200:
            log.warning("uses_not_told", status=response.status_code)
        if refused:
            log.error("uses_refused", event_ids=refused)
        sent = {row.event_id for row in due}
        return [event_id for event_id in (*stored, *refused) if isinstance(event_id, str) and event_id in sent]

    def _message(self, audience: str, due: Sequence[Row[*tuple[Any, ...]]]) -> str:
        issued = int(self._clock().timestamp())
        claims = {
            "iss": self._base_url,
            "aud": audience,
            "iat": issued,
            "exp": issued + 60,
            "jti": uuid4().hex,
            "events": [json.loads(row.event) for row in due],
        }
        return jose.sign(claims, typ=USES_TYPE, key=self._key)

    async def _forget(self, event_ids: Sequence[str]) -> None:
        async with transaction(self._engine) as connection:
            await connection.execute(delete(tables.outbox).where(tables.outbox.c.event_id.in_(event_ids)))

    async def _postpone(self, due: Sequence[Row[*tuple[Any, ...]]]) -> None:
        """Wait twice as long each time, up to five minutes."""
        table, now = tables.outbox, self._clock()
        async with transaction(self._engine) as connection:
            for row in due:
                wait = min(timedelta(seconds=2 ** min(row.attempts, 10)), _LONGEST_WAIT)
                await connection.execute(
                    update(table)
                    .where(table.c.event_id == row.event_id)
                    .values(attempts=row.attempts + 1, next_at=now + wait)
                )
