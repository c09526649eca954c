"""A date in three fields is read as people write it."""

from datetime import date

import pytest

from beeldpas.portal.words.dates import parse_date

EIGHTH = date(2026, 12, 8)


@pytest.mark.parametrize("month", ["12", "december", "December", " dec ", "dec."])
def test_a_month_is_a_number_or_a_word(month: str) -> None:
    assert parse_date("8", month, "2026") == EIGHTH
    assert parse_date(" 08", month, "26") == EIGHTH


@pytest.mark.parametrize(
    ("word", "month"), [("mrt", 3), ("maart", 3), ("March", 3), ("mei", 5), ("May", 5), ("okt", 10)]
)
def test_months_are_known_in_every_language(word: str, month: int) -> None:
    assert parse_date("1", word, "2027") == date(2027, month, 1)


@pytest.mark.parametrize(
    ("day", "month", "year"),
    [
        ("", "", ""),
        ("31", "2", "2027"),
        ("0", "1", "2027"),
        ("8", "ma", "2027"),
        ("8", "13", "2027"),
        ("-8", "12", "2026"),
        ("8", "12", "20265"),
        ("٨", "12", "2026"),
        ("8", "xember", "2026"),
    ],
)
def test_what_is_no_day_is_none(day: str, month: str, year: str) -> None:
    assert parse_date(day, month, year) is None
