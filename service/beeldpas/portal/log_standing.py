"""How the portal's log stands: what has no place yet, and how far each hospital has come with its word below it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from prometheus_client import CollectorRegistry, Gauge

from beeldpas.audit import tree_store
from beeldpas.audit.checkpoint import read_checkpoint, witness_name
from beeldpas.audit.sequencer import waiting
from beeldpas.database.engine import transaction
from beeldpas.portal.house import House

# A hospital gives its word every minute; who has not for so long while the log grew is behind.
_PATIENCE = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Standing:
    """How far one hospital is: events it has not seen yet, and when it gave its last word (None: never)."""

    gateway_id: str
    unseen: int
    at: datetime | None

    def is_behind(self, now: datetime) -> bool:
        """Say whether somebody should ask the hospital what is the matter."""
        return self.unseen > 0 and (self.at is None or now - self.at > _PATIENCE)


@dataclass(frozen=True, slots=True)
class LogStanding:
    """How many events were signed for, how many wait, and where each hospital is."""

    size: int
    waiting: int
    hospitals: tuple[Standing, ...]

    def behind(self, now: datetime) -> int:
        """Return how many hospitals are behind."""
        return sum(one.is_behind(now) for one in self.hospitals)


async def log_standing(house: House) -> LogStanding:
    """Look at the log and at every hospital of the directory. Raises: Unavailable("database")."""
    async with transaction(house.engine) as connection:
        note = await tree_store.newest(connection)
        size = 0 if note is None else read_checkpoint(note.text).size
        hospitals = []
        for one in house.directory.hospitals:
            seen = await tree_store.seen_by(connection, witness_name(one.base_url))
            unseen, at = (size, None) if seen is None else (size - seen.size, seen.at)
            hospitals.append(Standing(one.gateway_id, unseen, at))
        return LogStanding(size, await waiting(connection), tuple(hospitals))


class LogGauges:
    """The same for monitoring."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._events = Gauge(
            "beeldpas_portal_log_events", "Events of the log that a checkpoint was signed for", registry=registry
        )
        self._waiting = Gauge(
            "beeldpas_portal_log_waiting", "Events of the log that have no place yet", registry=registry
        )
        self._unseen = Gauge(
            "beeldpas_portal_log_unseen",
            "Events that a hospital has not put its word below yet",
            ["gateway"],
            registry=registry,
        )
        self._silent = Gauge(
            "beeldpas_portal_log_silent_seconds",
            "Since a hospital last gave its word; -1: never",
            ["gateway"],
            registry=registry,
        )

    def show(self, standing: LogStanding, now: datetime) -> None:
        """Set what was found."""
        self._events.set(standing.size)
        self._waiting.set(standing.waiting)
        for one in standing.hospitals:
            self._unseen.labels(one.gateway_id).set(one.unseen)
            self._silent.labels(one.gateway_id).set(-1 if one.at is None else (now - one.at).total_seconds())
