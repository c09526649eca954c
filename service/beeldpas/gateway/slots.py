"""How many may download at once, and how much of one lease: two leases of a grant, eight connections of a lease.

A lease holds its place while an answer of it runs and for a minute after: whoever loses a connection keeps the place,
whoever went away loses it. Places live in this process alone: when it is killed they are free; bytes are kept.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncEngine

from beeldpas.database.engine import transaction
from beeldpas.domain.errors import Refused, Unavailable
from beeldpas.gateway.account import KEPT, Account
from beeldpas.gateway.leases import Lease
from beeldpas.gateway.store import tables

LEASES_OF_A_GRANT = 2
CONNECTIONS_OF_A_LEASE = 8
_SMALLEST_QUOTA = 64 * 1024 * 1024
_SOON_SECONDS, _LATER_SECONDS = 5, 30


class Slots:
    """The places that are taken in this process; `most` answers run at once, whosesoever."""

    def __init__(self, most: int, clock: Callable[[], datetime]) -> None:
        self._most = most
        self._clock = clock
        self._running = 0
        self._accounts: dict[str, Account] = {}

    def account(self, lease: Lease, size: int, times: int) -> Account:
        """Return the account of a lease whose archive has this size; it may be fetched so many times over."""
        long_ago = self._clock() - KEPT
        fresh = Account(lease.id, (lease.issuer, lease.grant), lease.ends_at, long_ago, lease.sent, lease.sent)
        found = self._accounts.setdefault(lease.id, fresh)
        found.quota = max(times * size, _SMALLEST_QUOTA)
        return found

    @contextmanager
    def taken(self, account: Account | None, length: int) -> Iterator[None]:
        """Take a place for one answer of that length; an answer of no lease counts for the hospital only.

        Raises: Unavailable("hospital_busy"); Refused("too_many_requests" or "download_used_up"), each with `n`, the
        seconds after which asking again makes sense.
        """
        if self._running >= self._most:
            raise Unavailable("downloads", reason="hospital_busy", detail={"n": _LATER_SECONDS})
        if account is None:
            self._running += 1
        else:
            self._admit(account, length)
        try:
            yield
        finally:
            self._running -= 1
            if account is not None:
                account.running -= 1
                account.seen_at = self._clock()

    def _admit(self, account: Account, length: int) -> None:
        now = self._clock()
        if account.sent + length > account.quota:
            raise Refused("download_used_up", {"n": _seconds(account.ends_at - now)})
        if account.running >= CONNECTIONS_OF_A_LEASE:
            raise Refused("too_many_requests", {"n": _SOON_SECONDS})
        others = [one for one in self._others(account) if one.keeps_its_place(now)]
        if len(others) >= LEASES_OF_A_GRANT:
            free_at = min(now if one.running else one.seen_at for one in others) + KEPT
            raise Refused("too_many_requests", {"n": _seconds(free_at - now)})
        self._accounts[account.lease_id] = account
        account.running += 1
        self._running += 1

    def _others(self, account: Account) -> Iterable[Account]:
        return (one for one in self._accounts.values() if one.grant == account.grant and one is not account)

    async def note(self, engine: AsyncEngine) -> None:
        """Write down what was sent, and forget the leases that gave up their place. Raises: Unavailable."""
        now, table = self._clock(), tables.lease
        for account in list(self._accounts.values()):
            if account.sent == account.noted and not account.keeps_its_place(now):
                del self._accounts[account.lease_id]
        news = [(account, account.sent) for account in self._accounts.values() if account.sent != account.noted]
        if not news:
            return
        async with transaction(engine) as connection:
            for account, sent in news:
                await connection.execute(update(table).where(table.c.id == account.lease_id).values(sent_bytes=sent))
        for account, sent in news:
            account.noted = sent


def _seconds(left: timedelta) -> int:
    return max(1, -int(-left.total_seconds() // 1))
