"""Server-side sessions: the cookie holds an id and nothing else; what a session knows is sealed at rest.

Idle for fifteen minutes or two hours old: gone, and with it what was sealed (a BSN, a fresh code and PIN). What a
page does by itself (asking how much time is left) only looks, and keeps nobody signed in.
*Source:* DigiD's rule of at most 15 minutes idle; OWASP Session Management; RFC 6265bis (`__Host-`); WCAG 2.2 §2.2.1.
"""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from secrets import token_urlsafe
from typing import Any

from sqlalchemy import Column, LargeBinary, MetaData, String, Table, delete, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.responses import Response

from beeldpas.database.engine import leave_no_trace, transaction
from beeldpas.database.instant import Instant
from beeldpas.web.seal import Seal

IDLE = timedelta(minutes=15)
ABSOLUTE = timedelta(hours=2)
WARNING = timedelta(minutes=2)


@dataclass(slots=True)
class Session:
    """One person's visit. `id` is the cookie's value; `values` must be JSON; call `save` after a change."""

    id: str = field(repr=False)
    begun_at: datetime
    seen_at: datetime
    values: dict[str, Any] = field(repr=False)

    @property
    def handle(self) -> str:
        """A name for the session that does not open it (for grants and the log)."""
        return _hash(self.id)[:32]

    def ends_at(self) -> datetime:
        """When the session ends if nothing more happens."""
        return min(self.seen_at + IDLE, self.last_moment())

    def last_moment(self) -> datetime:
        """When the session ends however busy it is."""
        return self.begun_at + ABSOLUTE


def session_table(metadata: MetaData) -> Table:
    """Describe the table in which a program keeps its sessions."""
    return Table(
        "session",
        metadata,
        Column("id_hash", String(64), primary_key=True),
        Column("kind", String(16), nullable=False),
        Column("sealed", LargeBinary, nullable=False),
        Column("begun_at", Instant, nullable=False),
        Column("seen_at", Instant, nullable=False),
    )


class Sessions:
    """The sessions of one door; `kind` ("patient") keeps the doors apart and names the cookie `__Host-{kind}`."""

    def __init__(self, engine: AsyncEngine, table: Table, seal: Seal, kind: str) -> None:
        self._engine = engine
        self._table = table
        self._seal = seal
        self._kind = kind
        self.cookie = f"__Host-{kind}"

    async def begin(
        self,
        values: dict[str, Any],
        now: datetime,
        *,
        instead_of: Session | None = None,
        until: datetime | None = None,
    ) -> Session:
        """Begin a session under a new id; the one it replaces is gone (an id never survives a sign-in).

        `until` ends it earlier than two hours from now: it then counts as begun two hours before that.
        """
        begun_at = min(now, until - ABSOLUTE) if until else now
        session = Session(token_urlsafe(32), begun_at, now, values)
        async with transaction(self._engine) as connection:
            if instead_of is not None:
                await connection.execute(delete(self._table).where(self._row(instead_of.id)))
            await connection.execute(
                insert(self._table).values(
                    id_hash=_hash(session.id),
                    kind=self._kind,
                    sealed=self._sealed(session),
                    begun_at=begun_at,
                    seen_at=now,
                )
            )
        return session

    async def load(self, session_id: str | None, now: datetime) -> Session | None:
        """Return the session of a cookie and count it as seen; None when there is none, or it ended."""
        if not session_id:
            return None
        table = self._table
        async with transaction(self._engine) as connection:
            found = await connection.execute(
                update(table)
                .where(self._row(session_id), self._alive(now))
                .values(seen_at=now)
                .returning(table.c.sealed, table.c.begun_at, table.c.seen_at)
            )
            row = found.one_or_none()
        return self._opened(session_id, row)

    async def look(self, session_id: str | None, now: datetime) -> Session | None:
        """Return the session of a cookie without counting it as seen, for what a page does by itself."""
        if not session_id:
            return None
        table = self._table
        async with transaction(self._engine) as connection:
            found = await connection.execute(
                select(table.c.sealed, table.c.begun_at, table.c.seen_at).where(
                    self._row(session_id), self._alive(now)
                )
            )
            row = found.one_or_none()
        return self._opened(session_id, row)

    async def save(self, session: Session) -> None:
        """Keep what changed in `values`."""
        async with transaction(self._engine) as connection:
            await connection.execute(
                update(self._table).where(self._row(session.id)).values(sealed=self._sealed(session))
            )

    async def end(self, session: Session) -> None:
        """Forget the session and everything sealed in it."""
        async with transaction(self._engine) as connection:
            await connection.execute(delete(self._table).where(self._row(session.id)))

    async def sweep(self, now: datetime) -> int:
        """Forget every session of any door that ended, down to the bytes of the file; returns how many."""
        table = self._table
        over = or_(table.c.seen_at <= now - IDLE, table.c.begun_at <= now - ABSOLUTE)
        async with transaction(self._engine) as connection:
            ended = len((await connection.execute(delete(table).where(over).returning(table.c.id_hash))).all())
        await leave_no_trace(self._engine)
        return ended

    async def count(self, now: datetime) -> int:
        """Return how many sessions of this door are alive (for metrics)."""
        table = self._table
        async with transaction(self._engine) as connection:
            rows = await connection.execute(
                select(table.c.id_hash).where(table.c.kind == self._kind, table.c.seen_at > now - IDLE)
            )
            return len(rows.all())

    def set_cookie(self, response: Response, session: Session) -> None:
        """Hand the id to the browser: host-only, no scripts, not from other sites, gone with the browser."""
        response.set_cookie(self.cookie, session.id, path="/", secure=True, httponly=True, samesite="lax")

    def clear_cookie(self, response: Response) -> None:
        """Take the id away from the browser, and with it what pages it kept to go back to.

        Only those: "cookies" would clear the doors of every host under our name, and stop their downloads.
        *Source:* W3C Clear Site Data.
        """
        response.delete_cookie(self.cookie, path="/", secure=True, httponly=True, samesite="lax")
        response.headers["Clear-Site-Data"] = '"cache"'

    def _alive(self, now: datetime) -> Any:
        return (self._table.c.seen_at > now - IDLE) & (self._table.c.begun_at > now - ABSOLUTE)

    def _opened(self, session_id: str, row: Any) -> Session | None:
        plain = self._seal.open(row.sealed, self._context(session_id), session_id) if row else None
        return Session(session_id, row.begun_at, row.seen_at, json.loads(plain)) if plain else None

    def _row(self, session_id: str) -> Any:
        return (self._table.c.id_hash == _hash(session_id)) & (self._table.c.kind == self._kind)

    def _sealed(self, session: Session) -> bytes:
        return self._seal.close(json.dumps(session.values).encode(), self._context(session.id), session.id)

    def _context(self, session_id: str) -> bytes:
        return f"session:{self._kind}:{_hash(session_id)}".encode()


def _hash(session_id: str) -> str:
    return sha256(session_id.encode()).hexdigest()
