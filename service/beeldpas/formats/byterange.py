"""The Range and If-Range fields of HTTP, for bodies with a strong entity tag and no modification date.

*Source:* RFC 9110 §13.1.5, §14.1-14.2 and §14.4.
"""

import re

_SPEC = re.compile(r"(\d{0,18})-(\d{0,18})")


class Unsatisfiable(Exception):
    """No byte of what was asked exists: HTTP answers 416."""


def wanted(range_field: str | None, if_range: str | None, etag: str, total: int) -> tuple[int, int] | None:
    """Return start and end (exclusive) of what to send, or None for the whole body.

    Several ranges are joined when they touch and otherwise answered by the whole, as a server may;
    a field that cannot be read is ignored; If-Range with any other tag (or a date) gives the whole.
    Raises: Unsatisfiable.
    """
    if range_field is None or (if_range is not None and if_range.strip() != etag):
        return None
    unit, _, specs = range_field.partition("=")
    if unit.strip().lower() != "bytes":
        return None
    ranges = [_resolve(spec.strip(), total) for spec in specs.split(",") if spec.strip()]
    if not ranges or any(found is None for found in ranges):
        return None
    satisfiable = sorted(found for found in ranges if found and found[0] < found[1])
    if not satisfiable:
        raise Unsatisfiable
    return _joined(satisfiable)


def _resolve(spec: str, total: int) -> tuple[int, int] | None:
    """Return the range within the body (empty when outside it), or None when it is no range."""
    match = _SPEC.fullmatch(spec)
    if match is None or spec == "-":
        return None
    first, last = match.groups()
    if not first:
        return max(0, total - int(last)), total
    start, end = int(first), min(int(last) + 1, total) if last else total
    if last and int(last) < start:
        return None
    return (start, end) if start < total else (0, 0)


def _joined(ranges: list[tuple[int, int]]) -> tuple[int, int] | None:
    start, end = ranges[0]
    for first, last in ranges[1:]:
        if first > end:
            return None
        end = max(end, last)
    return start, end
