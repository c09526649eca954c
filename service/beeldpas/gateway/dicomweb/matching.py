"""Whether an attribute matches what was asked for: by its kind, in the ways that DICOM knows.

*Source:* DICOM PS3.4 §C.2.2.2 (single value, list of UIDs, wildcard, range, sequence, empty); PS3.18 §8.3.4.1.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from beeldpas.gateway.dicomweb.attributes import vr_of

Attributes = Mapping[str, Mapping[str, Any]]
_TIMES = frozenset({"DA", "TM", "DT"})
_NUMBERS = frozenset({"IS", "DS", "US", "UL", "SS", "SL", "FL", "FD", "SV", "UV"})
_PLAIN = frozenset({"ST", "LT", "UT", "UR"})


def matches(attributes: Attributes, path: Sequence[str], asked: str, fuzzy: bool) -> bool:
    """Say whether one of the values at a path matches; an empty text matches everything."""
    if asked in {"", "*"}:
        return True
    tag = path[0]
    element = attributes.get(tag, {})
    values = element.get("Value", ())
    if len(path) > 1:
        return any(isinstance(item, dict) and matches(item, path[1:], asked, fuzzy) for item in values)
    vr = str(element.get("vr") or vr_of(tag))
    if asked == '""':
        return not any(value not in (None, "") for value in values)
    return any(_matches(vr, text, asked, fuzzy) for text in _texts(values))


def _texts(values: Iterable[Any]) -> Iterator[str]:
    for value in values:
        if isinstance(value, dict):
            yield from (str(name) for name in value.values())
        elif value is not None:
            yield str(value)


def _matches(vr: str, value: str, asked: str, fuzzy: bool) -> bool:
    if vr == "UI":
        # The standard joins UIDs with commas, some viewers with backslashes.
        return value in re.split(r"[,\\]", asked)
    if vr in _TIMES:
        return _within(value, asked)
    if vr in _NUMBERS:
        return _number(value) == _number(asked)
    if vr == "PN":
        return _sounds_like(value, asked) if fuzzy else bool(_pattern(_plain(asked)).fullmatch(_plain(value)))
    if vr in _PLAIN and not fuzzy:
        return bool(_pattern(asked).fullmatch(value))
    # Several values of one attribute may be asked for at once: ModalitiesInStudy=CT\MR, or with a comma.
    wanted = re.split(r"[,\\]", asked) if vr == "CS" else [asked]
    return any(_pattern(one).fullmatch(value) for one in wanted)


def _within(value: str, asked: str) -> bool:
    """Match a date or time, or a range of them; parts that are not written match anything."""
    value, asked = value.replace(".", "").replace(":", ""), asked.replace(":", "").replace(".", "")
    first, dash, last = asked.partition("-")
    if not dash:
        return value.startswith(asked)
    return (not first or value >= first) and (not last or value[: len(last)] <= last)


def _number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text.strip()


def _plain(name: str) -> str:
    """A name without accents, in small letters: names are matched so."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter)).rstrip("^ ")


def _sounds_like(value: str, asked: str) -> bool:
    """Every word that was asked for begins a word of the name."""
    words = re.split(r"[\^= ]+", _plain(value))
    wanted = [word for word in re.split(r"[\^=*? ]+", _plain(asked)) if word]
    return all(any(word.startswith(part) for word in words) for part in wanted)


@lru_cache(maxsize=256)
def _pattern(asked: str) -> re.Pattern[str]:
    """Runs of stars are one star, so that no text takes long."""
    parts = re.split(r"(\*+|\?)", asked)
    text = "".join(".*" if part[:1] == "*" else "." if part == "?" else re.escape(part) for part in parts if part)
    return re.compile(text, re.DOTALL)
