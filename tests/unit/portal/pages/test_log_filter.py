"""Which part of the log an address asks for; whatever it says, it is a bounded part."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from beeldpas.audit.reading import Place
from beeldpas.domain.codes import Reference
from beeldpas.portal.patient.log_filter import LogFilter

REFERENCE = str(Reference.new(b"123456"))
NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)


def test_without_a_choice_it_is_others_in_the_last_thirty_days() -> None:
    query = LogFilter.read({}, NOW).query(NOW)
    assert (query.since, query.until, query.reference, query.others) == (NOW - timedelta(days=30), None, "", True)
    assert query.limit == 50


def test_own_dates_are_whole_days_in_the_netherlands() -> None:
    chosen = LogFilter.read({"days": "own", "from": "2026-03-28", "to": "2026-03-29"}, NOW)
    query = chosen.query(NOW)
    assert query.since == datetime(2026, 3, 27, 23, tzinfo=UTC)
    assert query.until == datetime(2026, 3, 29, 22, tzinfo=UTC)  # the clock went forward that night
    assert not chosen.odd_dates


@pytest.mark.parametrize(
    "dates",
    [{}, {"from": "2026-03-02"}, {"from": "2026-03-02", "to": "2026-03-01"}, {"from": "gisteren", "to": "x"}],
)
def test_dates_that_make_no_sense_are_said_to_make_none(dates: dict[str, str]) -> None:
    chosen = LogFilter.read({"days": "own", **dates}, NOW)
    assert (chosen.odd_dates, chosen.days) == (True, 30)


@pytest.mark.parametrize("last", [date.min, date.max])
def test_the_ends_of_the_calendar_break_nothing(last: date) -> None:
    asked = {"days": "own", "from": date.min.isoformat(), "to": last.isoformat()}
    LogFilter.read(asked, NOW).query(NOW)


def test_an_address_leads_to_the_same_choice() -> None:
    asked = {"whose": "all", "days": "own", "from": "2026-01-01", "to": "2026-02-01", "share": REFERENCE}
    chosen = LogFilter.read(asked, NOW)
    place = Place(NOW + timedelta(microseconds=1), 7)
    again = dict(pair.split("=") for pair in chosen.address(place).split("&"))
    assert LogFilter.read(again, NOW).before == place
    assert LogFilter.read(again, NOW).query(NOW) == replace(chosen, before=place).query(NOW)
    assert chosen.reference == REFERENCE


@pytest.mark.parametrize("text", ["", "x", "1.x", "x.1", "-1.1", "1.1.1", "9" * 39 + ".1", "9" * 60, "١.١"])
def test_a_place_that_is_none_is_the_beginning(text: str) -> None:
    assert Place.parse(text) is None


def test_a_place_keeps_every_microsecond() -> None:
    for micro in (0, 1, 999_999, 123_457):
        place = Place(NOW.replace(microsecond=micro), 12)
        assert Place.parse(str(place)) == place
