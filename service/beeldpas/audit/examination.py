"""Going through a whole log, row by row: is each what its hash says, and is the tree the one that was signed?

The first row that is not is named. A row whose hashes were changed along with it cannot be told from its neighbours;
then the first checkpoint that does not fit says between which places it stands.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from beeldpas.audit.checkpoint import Checkpoint, cosigned_at, read_checkpoint
from beeldpas.audit.leaf import commitment, leaf_hash
from beeldpas.audit.note import Note, is_signed, read_note
from beeldpas.audit.proof import Keys
from beeldpas.audit.term import SHORTEST_YEARS, term
from beeldpas.audit.tree import Frontier
from beeldpas.domain.errors import Malformed

# A hospital that was cut off reports late: an event may be that much older than its place in the tree.
_LATEST = timedelta(days=90)
_MOST_FAULTS = 100


class Row(NamedTuple):
    """A place of the tree with what is kept for it; all but the first two are None when the row is gone."""

    place: int
    placed_hash: bytes
    event_id: str | None
    at: datetime | None
    kind: str | None
    source: str | None
    patient: str | None
    share_id: str | None
    record: str | None
    salt: bytes | None
    leaf_hash: bytes | None


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is not as it was: what, and where as far as that can be told."""

    what: str
    place: int | None = None
    event_id: str = ""
    detail: str = ""


@dataclass(slots=True)
class Report:
    """What was found: how much was looked at, how far each witness came, and every fault, the first one first."""

    events: int = 0
    erased: int = 0
    waiting: int = 0
    checkpoints: int = 0
    faults: list[Fault] = field(default_factory=list)
    witnesses: dict[str, tuple[int, datetime]] = field(default_factory=dict)


class Examination:
    """Takes a log's rows in the order of their places, and what was signed of it in the order of sizes."""

    def __init__(self, origin: str, keys: Keys, notes: Sequence[str], now: datetime) -> None:
        """Begin; the rows come through `take`. Raises: Malformed("unknown_log") without a key of this log."""
        if not keys.of_log(origin):
            raise Malformed("unknown_log", {"log": origin})
        self.report = Report()
        self._origin = origin
        self._keys = keys
        self._frontier = Frontier()
        self._oldest_kept = term(now, SHORTEST_YEARS)
        self._signed = self._read_notes(notes)
        self._next = 0
        self._good_until = 0
        self._seen_by_then: datetime | None = None
        self._tree_broke = False

    def take(self, rows: Sequence[Row]) -> None:
        """Look at the next rows."""
        leaves: list[bytes] = []
        for row in rows:
            if row.place != self._frontier.size + len(leaves):
                self._add(Fault("place_missing", self._frontier.size + len(leaves)))
                break
            self._look_at(row)
            leaves.append(row.placed_hash)
            if self._is_signed_at(row.place + 1):
                self._frontier.extend(leaves)
                leaves = []
                self._compare()
        self._frontier.extend(leaves)
        self.report.events = self._frontier.size

    def finish(self, waiting: int = 0, lost: Sequence[str] = ()) -> Report:
        """Conclude: `waiting` rows have no place yet, and `lost` events have none and do not wait for one."""
        self.report.waiting = waiting
        for event_id in lost:
            self._add(Fault("never_placed", event_id=event_id))
        if self._next < len(self._signed):
            self._add(Fault("rows_missing", self._frontier.size, detail=str(self._signed[self._next][0].size)))
        elif self._frontier.size and (not self._signed or self._signed[-1][0].size != self._frontier.size):
            self._add(Fault("not_signed_to_the_end", self._signed[-1][0].size if self._signed else 0))
        return self.report

    def _look_at(self, row: Row) -> None:
        wrong = self._what_is_wrong(row)
        if wrong:
            self._add(Fault(wrong, row.place, row.event_id or ""))

    def _what_is_wrong(self, row: Row) -> str:
        if row.record is None or row.salt is None or row.leaf_hash is None:
            return "row_gone"
        if row.record == "" and row.salt == b"":
            return self._what_is_wrong_with_erased(row)
        if leaf_hash(commitment(row.salt, row.record)) != row.placed_hash or row.leaf_hash != row.placed_hash:
            return "altered"
        return "" if _stands_beside(row, row.record) else "altered_beside"

    def _what_is_wrong_with_erased(self, row: Row) -> str:
        """A row is erased after its term; when it was placed is known from the witnesses, whatever the row says."""
        self.report.erased += 1
        late = self._seen_by_then is not None and self._seen_by_then - _LATEST > self._oldest_kept
        if late or row.at is None or row.at > self._oldest_kept:
            return "erased_early"
        return "" if row.leaf_hash == row.placed_hash else "altered"

    def _is_signed_at(self, size: int) -> bool:
        return self._next < len(self._signed) and self._signed[self._next][0].size == size

    def _compare(self) -> None:
        checkpoint, seen = self._signed[self._next]
        self._next += 1
        if checkpoint.root == self._frontier.root:
            self._good_until = checkpoint.size
        elif not self._tree_broke:
            self._tree_broke = True
            between = f"{self._good_until} to {checkpoint.size - 1}"
            self._add(Fault("tree_differs", self._good_until, detail=between))
        if seen is not None:
            self._seen_by_then = max(seen, self._seen_by_then or seen)

    def _read_notes(self, notes: Sequence[str]) -> list[tuple[Checkpoint, datetime | None]]:
        found = []
        for text in notes:
            try:
                note = read_note(text)
                checkpoint = read_checkpoint(note.text)
            except Malformed:
                self._add(Fault("checkpoint_unreadable"))
                continue
            if checkpoint.origin != self._origin or not is_signed(note, self._keys.of_log(self._origin)):
                self._add(Fault("checkpoint_not_signed", checkpoint.size))
            found.append((checkpoint, self._heard(note, checkpoint)))
        self.report.checkpoints = len(found)
        return found

    def _heard(self, note: Note, checkpoint: Checkpoint) -> datetime | None:
        """Check the witnesses' words below a checkpoint; return when the last of them was given."""
        newest = None
        for one in self._keys.witnesses:
            for line in note.signatures:
                if not one.made(line):
                    continue
                at = cosigned_at(note.text, line, one)
                if at is None:
                    self._add(Fault("word_not_good", checkpoint.size, detail=one.name))
                    continue
                self.report.witnesses[one.name] = (checkpoint.size, at)
                newest = max(at, newest or at)
        return newest

    def _add(self, fault: Fault) -> None:
        if len(self.report.faults) < _MOST_FAULTS:
            self.report.faults.append(fault)


def _stands_beside(row: Row, text: str) -> bool:
    """Say whether the columns beside the record repeat it: rows are found by them."""
    try:
        record = json.loads(text)
        at = record["at"]
        same_moment = row.at is not None and (row.at.isoformat(timespec="microseconds") == at or _is(at, row.at))
        return same_moment and (row.event_id, row.kind, row.source, row.patient, row.share_id) == (
            record["event_id"],
            record["kind"],
            record["source"],
            record["patient"],
            record["share_id"],
        )
    except (ValueError, KeyError, TypeError):
        return False


def _is(text: str, moment: datetime) -> bool:
    return datetime.fromisoformat(text) == moment
