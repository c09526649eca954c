"""Dates, numbers and sizes as people in the Netherlands read them, in any language; words stand in the catalogues.

*Source:* CLDR by Babel for month names and separators; sizes are decimal (1 MB = 1,000,000 bytes).
"""

from datetime import date, datetime

from babel.dates import format_date
from babel.numbers import format_decimal

from beeldpas.domain import share

# Where a language is written in several ways, the one of Europe; any other goes by its own name.
_LOCALES = {"nl": "nl_NL", "en": "en_GB"}
_SMALL_BYTES = 1_000_000


def long_date(language: str, moment: date | datetime) -> str:
    """Return "8 december 2026"; a moment counts as the day it is in the Netherlands."""
    return format_date(_day(moment), "d MMMM y", locale=_locale(language))


def month(language: str, day: date) -> str:
    """Return "mei 2018"."""
    return format_date(day, "MMMM y", locale=_locale(language))


def short_date(language: str, moment: date | datetime) -> str:
    """Return "8 dec. 2026" or "8 Dec 2026", for tables; Dutch puts a point where it leaves letters out."""
    day, locale = _day(moment), _locale(language)
    name = format_date(day, "MMM", locale=locale)
    left_out = language == "nl" and name != format_date(day, "MMMM", locale=locale)
    return f"{day.day} {name}{'.' if left_out else ''} {day.year}"


def last_day(language: str, end: datetime) -> str:
    """Return the last day that a right which ends at this moment can be used."""
    return long_date(language, share.last_day(end))


def clock_time(moment: datetime) -> tuple[str, str]:
    """Return hours and minutes of the clock in the Netherlands, two digits each."""
    local = moment.astimezone(share.HERE)
    return f"{local:%H}", f"{local:%M}"


def number(language: str, value: int) -> str:
    """Return 1.203 or 1,203."""
    return format_decimal(value, locale=_locale(language))


def size(language: str, size_bytes: int) -> str:
    """Return for example "640 MB" or "1,2 GB", with one figure behind the point at most."""
    unit, divisor = ("GB", 1_000_000_000) if size_bytes >= 999_500_000 else ("MB", 1_000_000)
    value = size_bytes / divisor
    rounded = round(value, 1) if value < 10 or unit == "GB" else float(round(value))
    return f"{format_decimal(rounded, format='#,##0.#', locale=_locale(language))} {unit}"


def is_small(size_bytes: int) -> bool:
    """Say whether a size is too small to name in MB."""
    return size_bytes < _SMALL_BYTES


def minutes_to_download(size_bytes: int, megabit_per_second: int = 20) -> int:
    """Say how many minutes a download takes on an ordinary connection; 0 when less than one."""
    minutes = size_bytes * 8 / (megabit_per_second * 1_000_000) / 60
    return round(minutes) if minutes >= 1 else 0


def _day(moment: date | datetime) -> date:
    return moment.astimezone(share.HERE).date() if isinstance(moment, datetime) else moment


def _locale(language: str) -> str:
    return _LOCALES.get(language, language)
