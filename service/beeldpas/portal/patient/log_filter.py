"""Which part of the log a patient asked for: the last days or own dates, one share or all, others or everybody."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import urlencode

from beeldpas.audit.reading import Place
from beeldpas.domain.codes import Reference
from beeldpas.domain.errors import Malformed
from beeldpas.domain.share import HERE
from beeldpas.portal.actions.view_log import PAGE, LogQuery

PERIODS = (7, 30, 365)
_USUAL = 30
_EARLIEST, _LATEST = date(2000, 1, 1), date(2999, 12, 31)
OWN = "own"


@dataclass(frozen=True, slots=True)
class LogFilter:
    """What was chosen; `days` is one of the periods, or None for the dates from `first` to `last`, both included."""

    days: int | None
    first: date
    last: date
    reference: str
    others: bool
    before: Place | None
    odd_dates: bool

    @classmethod
    def read(cls, asked: Mapping[str, str], now: datetime) -> "LogFilter":
        """Read the address; what makes no sense becomes the last thirty days, and says so."""
        today = now.astimezone(HERE).date()
        period = asked.get("days", "")
        days: int | None = int(period) if period in map(str, PERIODS) else _USUAL
        first, last = today - timedelta(days=days or _USUAL), today
        odd = False
        if period == OWN:
            dates = _day(asked.get("from", "")), _day(asked.get("to", ""))
            if dates[0] is not None and dates[1] is not None and dates[0] <= dates[1]:
                days, first, last = None, dates[0], dates[1]
            else:
                odd = True
        return cls(
            days,
            first,
            last,
            _reference(asked.get("share", "")),
            asked.get("whose") != "all",
            Place.parse(asked.get("before", "")),
            odd,
        )

    def query(self, now: datetime, limit: int = PAGE) -> LogQuery:
        """Return what the action wants; the last days end now, own dates with the day."""
        if self.days is not None:
            return LogQuery(now - timedelta(days=self.days), None, self.reference, self.others, self.before, limit)
        until = _midnight(self.last + timedelta(days=1))
        return LogQuery(_midnight(self.first), until, self.reference, self.others, self.before, limit)

    def address(self, before: Place | None = None) -> str:
        """Return the same choice as the query of an address, from another place on."""
        dates = {"from": self.first.isoformat(), "to": self.last.isoformat()} if self.days is None else {}
        values = {
            "whose": "others" if self.others else "all",
            "days": str(self.days or OWN),
            **dates,
            **({"share": self.reference} if self.reference else {}),
            **({"before": str(before)} if before else {}),
        }
        return urlencode(values)


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if _EARLIEST <= day <= _LATEST else None


def _reference(text: str) -> str:
    try:
        return str(Reference.parse(text)) if text else ""
    except Malformed:
        return ""


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, HERE).astimezone(UTC)
