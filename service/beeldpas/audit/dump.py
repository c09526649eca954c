"""A log as a text that can be taken elsewhere, and examined there with public keys alone.

A JSON value a line: the log's name and what was signed of it; the rows by place; at the end, what has no place yet.
"""

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from beeldpas.audit.examination import Examination, Report, Row
from beeldpas.audit.proof import Keys
from beeldpas.domain.errors import Malformed

_AT_ONCE = 20_000


def examine_dump(lines: Iterable[str], keys: Keys, now: datetime) -> Report:
    """Go through a dump. Raises: Malformed("dump") when it is none."""
    values = _values(lines)
    head = next(values, None)
    if not isinstance(head, dict) or not isinstance(head.get("log"), str) or not isinstance(head.get("signed"), list):
        raise Malformed("dump")
    examination, some, tail = Examination(head["log"], keys, head["signed"], now), [], {}
    for value in values:
        if isinstance(value, dict):
            tail = value
            break
        some.append(_row(value))
        if len(some) == _AT_ONCE:
            examination.take(some)
            some = []
    examination.take(some)
    if "waiting" not in tail or "lost" not in tail:
        raise Malformed("dump")
    return examination.finish(int(tail["waiting"]), [str(one) for one in tail["lost"]])


def row_line(row: Row) -> str:
    """Write one row."""
    return line([_plain(value) for value in row])


def line(value: Any) -> str:
    """Write one line of a dump."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n"


def _values(lines: Iterable[str]) -> Iterator[Any]:
    try:
        for line in lines:
            yield json.loads(line)
    except ValueError as error:
        raise Malformed("dump") from error


def _row(values: Any) -> Row:
    try:
        place, placed_hash, event_id, at, kind, source, patient, share_id, record, salt, leaf = values
        return Row(
            int(place), bytes.fromhex(placed_hash), event_id, None if at is None else datetime.fromisoformat(at),
            kind, source, patient, share_id, record, _bytes(salt), _bytes(leaf),
        )  # fmt: skip
    except (ValueError, TypeError) as error:
        raise Malformed("dump") from error


def _bytes(text: str | None) -> bytes | None:
    return None if text is None else bytes.fromhex(text)


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.hex()
    return value.isoformat() if isinstance(value, datetime) else value
