"""Reading a date as people write it in three fields: a month may be a number or a word, in any of our languages."""

from datetime import date

from babel.dates import get_month_names

from beeldpas.domain.share import LANGUAGES

_LONGEST = 12
_SHORTEST_WORD = 3


def parse_date(day: str, month: str, year: str) -> date | None:
    """Return the date, or None when there is no such day. "26" as a year is 2026."""
    numbers = [_number(part) for part in (day, year)]
    which = _month(month)
    if which is None or None in numbers:
        return None
    first, last = numbers
    try:
        return date((last or 0) + (2000 if len(year.strip()) == 2 else 0), which, first or 0)
    except ValueError:
        return None


def _number(text: str) -> int | None:
    stripped = text.strip()
    return int(stripped) if stripped.isascii() and stripped.isdigit() and len(stripped) <= 4 else None


def _month(text: str) -> int | None:
    word = text.strip().casefold().rstrip(".")[:_LONGEST]
    if (number := _number(word)) is not None:
        return number
    if len(word) < _SHORTEST_WORD:
        return None
    return next((n for language in LANGUAGES for n, name in _names(language) if name.startswith(word)), None)


def _names(language: str) -> list[tuple[int, str]]:
    """Return the names of months, and the short ones that are not how the long one begins ("mrt")."""
    long, short = (get_month_names(width, locale=language) for width in ("wide", "abbreviated"))
    return [(n, name.casefold().rstrip(".")) for names in (long, short) for n, name in names.items()]
