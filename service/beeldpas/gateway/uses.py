"""Uses: every answer with images in it is written down here, and the issuer is told, so that the patient sees it.

What is not written down does not start. A use that was under way when the program was killed is ended at the next
start, with as many bytes as were last noted. *Source:* docs/wire.md §6; NEN 7513.
"""

import asyncio
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any, Literal
from uuid import uuid4

import structlog
from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from starlette.types import Scope

from beeldpas.audit.event import Actor, Event
from beeldpas.audit.events import Use as UseKind
from beeldpas.audit.log import append
from beeldpas.database.engine import transaction
from beeldpas.domain.errors import Unavailable
from beeldpas.domain.grant import Receiver
from beeldpas.gateway import deliveries, recall
from beeldpas.gateway.deliveries import Seen
from beeldpas.gateway.indexing import generation
from beeldpas.gateway.store import tables
from beeldpas.gateway.transfers import Outcome, Transfer

log = structlog.get_logger()
Phase = Literal["started", "ended"]
_ANYTHING = Seen()


@dataclass(frozen=True, slots=True)
class Holder:
    """On whose behalf, by whose word and on what ground something is served."""

    issuer: str
    grant: str
    subject: str
    receiver: Receiver
    purpose: str
    basis: str


@dataclass(frozen=True, slots=True)
class Use:
    """One event of a use; a download has two, each with its own id."""

    event_id: str
    kind: str
    phase: Phase
    outcome: Outcome
    bytes: int
    studies: tuple[str, ...]
    holder: Holder
    seen: Seen = field(default_factory=Seen)
    address: str = ""


class Uses:
    """Writes uses down: in the access log, in the outbox, and what is under way."""

    def __init__(self, engine: AsyncEngine, gateway_id: str, hospital: str, clock: Callable[[], datetime]) -> None:
        self._engine = engine
        self._gateway_id = gateway_id
        self._hospital = hospital
        self._clock = clock
        self._open = 0
        self._at_rest = asyncio.Event()
        self._at_rest.set()
        self._writing = asyncio.Lock()
        self._unwritten: list[Use] = []

    async def rest(self) -> None:
        """Wait until everything that began was ended."""
        await self._at_rest.wait()

    async def begin(
        self, kind: UseKind, holder: Holder, studies: Sequence[str], seen: Seen = _ANYTHING, address: str = ""
    ) -> Use:
        """Write down that something begins, asked for from an address; return the event that will end it.

        A download is told at its start and its end, anything shorter at its end only.
        """
        ending = Use(str(uuid4()), kind.value, "ended", "cut", 0, tuple(studies), holder, seen, address)
        async with transaction(self._engine) as connection:
            if seen.generation is None:
                ending = replace(ending, seen=replace(seen, generation=await generation(connection)))
            if kind is UseKind.DOWNLOAD:
                await self._tell(
                    connection, replace(ending, event_id=str(uuid4()), phase="started", outcome="running")
                )
            draft = json.dumps(asdict(ending))
            await connection.execute(insert(tables.running).values(event_id=ending.event_id, event=draft, bytes=0))
        self._open += 1
        self._at_rest.clear()
        return ending

    async def generation(self) -> int:
        """Return the generation of the index that is served now."""
        async with transaction(self._engine) as connection:
            return await generation(connection)

    async def end(self, ending: Use, outcome: Outcome, sent: int) -> None:
        """Write down how it went; what the database does not take now is tried again by `note`."""
        self._unwritten.append(replace(ending, outcome=outcome, bytes=sent))
        try:
            await self._write()
        except Unavailable:
            log.error("use_not_written", event_id=ending.event_id)
        finally:
            self._open -= 1
            if not self._open:
                self._at_rest.set()

    async def _write(self) -> None:
        async with self._writing:
            while self._unwritten:
                async with transaction(self._engine) as connection:
                    await self._end(connection, self._unwritten[0])
                self._unwritten.pop(0)

    async def note(self, transfers: Iterable[Transfer]) -> None:
        """Note how far everything is that is under way."""
        await self._write()
        table, progress = tables.running, [(transfer.event_id, transfer.sent) for transfer in transfers]
        if not progress:
            return
        async with transaction(self._engine) as connection:
            for event_id, sent in progress:
                await connection.execute(update(table).where(table.c.event_id == event_id).values(bytes=sent))

    async def settle(self) -> int:
        """End what an earlier run of the program left under way; return how many."""
        async with transaction(self._engine) as connection:
            rows = (await connection.execute(select(tables.running))).all()
            for row in rows:
                await self._end(connection, replace(_read(row.event), bytes=row.bytes))
        return len(rows)

    async def _end(self, connection: AsyncConnection, use: Use) -> None:
        await self._tell(connection, use)
        await deliveries.keep(connection, use, self._clock())
        await recall.after_delivery(connection, use.event_id, self._clock())
        await connection.execute(delete(tables.running).where(tables.running.c.event_id == use.event_id))

    async def _tell(self, connection: AsyncConnection, use: Use) -> None:
        """Add the event to the hospital's own log, and to what the issuer must be told."""
        now = self._clock()
        details: dict[str, Any] = {
            "gateway": self._gateway_id,
            "hospital": self._hospital,
            "grant": use.holder.grant,
            "studies": list(use.studies),
            "bytes": use.bytes,
            "phase": use.phase,
        }
        event = event_of(use.holder, use.event_id, now, use.kind, use.outcome, details, self._gateway_id)
        event = replace(event, actor=replace(event.actor, address=use.address))
        await append(connection, event)
        told = {
            "event_id": use.event_id,
            "grant": use.holder.grant,
            "kind": use.kind,
            "phase": use.phase,
            "studies": list(use.studies),
            "bytes": use.bytes,
            "outcome": use.outcome,
            "at": now.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        }
        row = {"event_id": use.event_id, "issuer": use.holder.issuer, "event": json.dumps(told)}
        await connection.execute(insert(tables.outbox).values(row | {"made_at": now, "attempts": 0, "next_at": now}))


def address_of(scope: Scope) -> str:
    """Return where a request comes from, as far as is known; nothing behind a socket without a proxy's word."""
    client = scope.get("client")
    return str(client[0]) if client else ""


def event_of(
    holder: Holder,
    event_id: str,
    at: datetime,
    kind: str,
    outcome: str,
    details: dict[str, Any],
    source: str,
    *,
    reason: str = "",
    address: str = "",
) -> Event:
    """Return an entry for the access log about what a holder did."""
    receiver = holder.receiver
    actor = Actor(
        kind="patient" if receiver.kind == "patient" else "provider",
        subject=holder.subject,
        name=receiver.name,
        organisation=receiver.organisation,
        ura=receiver.ura,
        verified=receiver.kind != "self-declared",
        address=address,
    )
    return Event(
        event_id=event_id,
        at=at,
        kind=kind,
        outcome=outcome,
        actor=actor,
        reason=reason,
        source=source,
        purpose=holder.purpose,
        basis=holder.basis,
        details=details,
    )


def _read(draft: str) -> Use:
    value = json.loads(draft)
    holder = value["holder"]
    receiver = Receiver(**holder.pop("receiver"))
    seen = value.pop("seen", {})
    return Use(
        **value
        | {
            "studies": tuple(value["studies"]),
            "holder": Holder(**holder, receiver=receiver),
            "seen": Seen(**seen | {"instances": tuple(seen.get("instances", ()))}),
        }
    )
