"""A search as it is asked: what must match, what is wanted of each match, and how many.

A parameter that is not understood is an error: passing over a filter would give a wrong answer.
*Source:* DICOM PS3.18 §8.3.4 (query parameters), §10.6.1 (search).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from beeldpas.domain.errors import Malformed
from beeldpas.gateway.dicomweb.attributes import tag_of

MOST_RESULTS = 5_000
_MOST_KEYS, _LONGEST_VALUE, _DEEPEST = 64, 8192, 4
_NOT_A_KEY = frozenset({"accept", "limit", "offset", "fuzzymatching", "includefield", "charset"})


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked. A key is a path of tags and the text to match; `everything`: all attributes are wanted."""

    keys: tuple[tuple[tuple[str, ...], str], ...]
    wanted: frozenset[str]
    everything: bool
    fuzzy: bool
    limit: int
    offset: int


def read_query(parameters: Iterable[tuple[str, str]]) -> Query:
    """Read the parameters of a search. Raises: Malformed with what is wrong."""
    keys, wanted, numbers, fuzzy = [], set[str](), {"limit": MOST_RESULTS, "offset": 0}, False
    for name, value in parameters:
        if name in numbers:
            numbers[name] = _number(name, value)
        elif name == "includefield":
            wanted.update(part.strip() for part in value.split(",") if part.strip())
        elif name == "fuzzymatching":
            fuzzy = _truth(value)
        elif name not in _NOT_A_KEY:
            keys.append((_path(name), value))
    if len(keys) > _MOST_KEYS or any(len(value) > _LONGEST_VALUE for _, value in keys):
        raise Malformed("too_large")
    everything = "all" in wanted
    tags = frozenset(_path(name)[0] for name in wanted - {"all"})
    limit = min(numbers["limit"], MOST_RESULTS)
    return Query(tuple(keys), tags, everything, fuzzy, limit, numbers["offset"])


def _path(name: str) -> tuple[str, ...]:
    parts = name.split(".")
    if len(parts) > _DEEPEST:
        raise Malformed("attribute")
    return tuple(tag_of(part) for part in parts)


def _number(name: str, value: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", value):
        raise Malformed(name)
    return int(value)


def _truth(value: str) -> bool:
    if value.lower() not in {"true", "false"}:
        raise Malformed("fuzzymatching")
    return value.lower() == "true"
