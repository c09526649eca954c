"""Dates, times, numbers and sizes as people in the Netherlands read them, in either language.

*Source:* CLDR by Babel for month names and separators; sizes are decimal (1 MB = 1,000,000 bytes).
"""

from datetime import date, datetime

from babel.dates import format_date
from babel.numbers import format_decimal

from beeldpas.domain import share

_LOCALES = {"nl": "nl_NL", "en": "en_GB"}


def long_date(language: str, moment: date | datetime) -> str:
    """Return "8 december 2026"; a moment counts as the day it is in the Netherlands."""
    return format_date(_day(moment), "d MMMM y", locale=_LOCALES[language])


def month(language: str, day: date) -> str:
    """Return "mei 2018"."""
    return format_date(day, "MMMM y", locale=_LOCALES[language])


def last_day(language: str, end: datetime) -> str:
    """Return the last day that a right which ends at this moment can be used."""
    return long_date(language, share.last_day(end))


def clock_time(language: str, moment: datetime) -> str:
    """Return "14.02 uur" or "14:02", in Dutch time."""
    local = moment.astimezone(share.HERE)
    return f"{local:%H.%M} uur" if language == "nl" else f"{local:%H:%M}"


def number(language: str, value: int) -> str:
    """Return 1.203 or 1,203."""
    return format_decimal(value, locale=_LOCALES[language])


def size(language: str, size_bytes: int) -> str:
    """Return for example "640 MB" or "1,2 GB", or "minder dan 1 MB" for what is small."""
    if size_bytes < 1_000_000:
        return "minder dan 1 MB" if language == "nl" else "less than 1 MB"
    unit, divisor = ("GB", 1_000_000_000) if size_bytes >= 999_500_000 else ("MB", 1_000_000)
    value = size_bytes / divisor
    rounded = round(value, 1) if value < 10 or unit == "GB" else float(round(value))
    return f"{format_decimal(rounded, format='#,##0.#', locale=_LOCALES[language])} {unit}"


def minutes_to_download(size_bytes: int, megabit_per_second: int = 20) -> int:
    """Say how many minutes a download takes on an ordinary connection, at least one."""
    return max(1, round(size_bytes * 8 / (megabit_per_second * 1_000_000) / 60))


def _day(moment: date | datetime) -> date:
    return moment.astimezone(share.HERE).date() if isinstance(moment, datetime) else moment
