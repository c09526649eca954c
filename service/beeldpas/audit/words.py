"""What is said of a log that was examined, and of a proof that was checked, in plain words."""

from datetime import datetime

from beeldpas.audit.examination import Fault, Report
from beeldpas.audit.proof import Proven

_FAULTS = {
    "altered": "the record at place {place} ({event}) is not what it was when it was written",
    "altered_beside": "what stands beside the record at place {place} ({event}) is not what the record says",
    "row_gone": "the record at place {place} is gone",
    "erased_early": "the record at place {place} ({event}) was erased before its term",
    "place_missing": "place {place} is missing",
    "never_placed": "the record {event} never got a place, and does not wait for one",
    "tree_differs": "a record at one of the places {detail} was altered together with its hash",
    "rows_missing": "the log ends at {place} records, while one of {detail} was signed",
    "not_signed_to_the_end": "what comes after the first {place} records was never signed",
    "checkpoint_unreadable": "a checkpoint cannot be read",
    "checkpoint_not_signed": "the checkpoint of {place} records is not signed by this log",
    "word_not_good": "the word of {detail} below the checkpoint of {place} records is over something else",
}
_PROOFS = {
    "proof": "this is neither a proof nor a dump of a log",
    "dump": "this is not a whole dump of a log",
    "note": "the checkpoint cannot be read",
    "checkpoint": "the checkpoint cannot be read",
    "unknown_log": "the keys have none of the log {log}",
    "not_signed": "the checkpoint is not signed by the log",
    "not_in_tree": "the record is not in the tree: it, its salt, its place or the path was altered",
    "verifier_key": "the file with the keys cannot be read: one key a line, as name+id+key",
    "key_file": "the file with the program's keys holds other keys than a log signs with",
    "event_unknown": "there is no such event in this log",
    "event_erased": "this event was erased after its term; its hash is all that is left",
    "event_waits": "this event has no place in the tree yet: try again in a second",
    "tree_broken": "the tree is not whole: run `beeldpas audit verify`",
}
# What a check shows to be wrong; the others keep it from being made.
DISPROVEN = frozenset({"not_signed", "not_in_tree"})


def fault(found: Fault) -> str:
    """Say what is wrong."""
    text = _FAULTS[found.what]
    return text.format(place=found.place, event=found.event_id or "without a name", detail=found.detail)


def refusal(reason: str, detail: object = "") -> str:
    """Say why something could not be checked or proven."""
    return _PROOFS.get(reason, reason.replace("_", " ")).format(log=detail)


def report(found: Report, now: datetime) -> list[str]:
    """Say what was looked at, and how far the hospitals came."""
    lines = [
        f"{found.events} events in their places, {found.erased} of them erased after their term; "
        f"{found.waiting} wait for their place",
        f"{found.checkpoints} checkpoints",
    ]
    for name, (size, at) in sorted(found.witnesses.items()):
        lines.append(f"{name} saw the first {size}, {_ago(now - at)}")
    if not found.witnesses:
        lines.append("no witness has put its word below any of it")
    return lines


def proven(found: Proven) -> list[str]:
    """Say what a proof shows."""
    record = found.record
    lines = [
        f"{record.get('event_id')}: {record.get('kind')}, {record.get('outcome')}, at {record.get('at')}",
        f"is event {found.place} of {found.checkpoint.origin}, in the tree of {found.checkpoint.size} that it signed",
    ]
    lines += [
        f"{name} saw that tree at {at.isoformat(sep=' ')[:19]} UTC" for name, at in sorted(found.witnesses.items())
    ]
    return lines


def _ago(time: object) -> str:
    return f"{str(time).partition('.')[0]} ago"
