"""Dates, times, numbers and sizes as people read them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from tests.house.tree import ROOT

from beeldpas.domain.share import days_lasting, end_after, last_day
from beeldpas.portal.words import amounts
from beeldpas.portal.words.catalogue import load_translators
from beeldpas.portal.words.voice import Voice

NL, EN = (Voice(load_translators(ROOT / "frontend" / "locales")[language]) for language in ("nl", "en"))


@pytest.mark.parametrize(
    ("size", "dutch", "english"),
    [
        (0, "minder dan 1 MB", "less than 1 MB"),
        (999_999, "minder dan 1 MB", "less than 1 MB"),
        (2_540_000, "2,5 MB", "2.5 MB"),
        (9_960_000, "10 MB", "10 MB"),
        (640_300_000, "640 MB", "640 MB"),
        (999_600_000, "1 GB", "1 GB"),
        (1_240_000_000, "1,2 GB", "1.2 GB"),
        (1_234_500_000_000, "1.234,5 GB", "1,234.5 GB"),
    ],
)
def test_sizes_are_decimal_with_one_figure_behind_the_point(size: int, dutch: str, english: str) -> None:
    assert (NL.size(size), EN.size(size)) == (dutch, english)


def test_days_and_times_are_those_of_the_netherlands() -> None:
    late = datetime(2026, 12, 7, 23, 30, tzinfo=UTC)
    assert (NL.date(late), EN.date(date(2026, 12, 8))) == ("8 december 2026", "8 December 2026")
    assert (NL.time(late), EN.time(late)) == ("00.30 uur", "00:30")
    assert NL.moment(late) == "8 december 2026 om 00.30 uur"
    assert (NL.month(date(2019, 3, 1)), EN.month(date(2019, 3, 1))) == ("maart 2019", "March 2019")


@pytest.mark.parametrize(
    ("day", "dutch", "english"),
    [
        (date(2026, 12, 8), "8 dec. 2026", "8 Dec 2026"),
        (date(2026, 3, 3), "3 mrt. 2026", "3 Mar 2026"),
        (date(2026, 5, 3), "3 mei 2026", "3 May 2026"),
        (None, "datum onbekend", "date unknown"),
    ],
)
def test_tables_have_days_in_few_letters(day: date | None, dutch: str, english: str) -> None:
    assert (NL.short_date(day), EN.short_date(day)) == (dutch, english)


def test_numbers_have_the_separators_of_their_language() -> None:
    assert (NL.number(1203), EN.number(1203)) == ("1.203", "1,203")
    assert (NL.count("count.images", 1203), EN.count("count.images", 1)) == ("1.203 beelden", "1 picture")


def test_any_other_language_goes_by_its_own_name() -> None:
    assert amounts.long_date("pl", date(2026, 12, 8)) == "8 grudnia 2026"
    assert amounts.number("de", 1203) == "1.203"


@pytest.mark.parametrize(
    ("start", "last"),
    [
        (datetime(2026, 11, 24, 9, 30, tzinfo=UTC), date(2026, 12, 8)),
        (datetime(2026, 11, 24, 23, 30, tzinfo=UTC), date(2026, 12, 9)),  # past midnight in Amsterdam
        (datetime(2026, 3, 20, 9, 0, tzinfo=UTC), date(2026, 4, 3)),  # the clock goes forward in between
    ],
)
def test_a_share_of_fourteen_days_ends_when_its_last_day_is_over(start: datetime, last: date) -> None:
    end = end_after(start, 14)
    assert last_day(end) == last
    assert days_lasting(start, end) == 14
    assert end.astimezone(amounts.share.HERE).time().isoformat() == "00:00:00"


@pytest.mark.parametrize(
    ("size", "minutes"), [(1, 0), (149_000_000, 0), (150_000_000, 1), (640_000_000, 4), (10**10, 67)]
)
def test_a_download_takes_whole_minutes_or_less_than_one(size: int, minutes: int) -> None:
    assert amounts.minutes_to_download(size) == minutes
