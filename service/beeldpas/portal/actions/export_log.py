"""A security officer takes the log of a period away, for an investigation: without anything medical in it.

The event of the export is on disk before the first row leaves; it stands in the next export.
"""

from collections.abc import AsyncIterator
from datetime import date, datetime, time, timedelta

from beeldpas.audit.events import Reader
from beeldpas.audit.export_fields import Record
from beeldpas.audit.export_records import records
from beeldpas.domain.actions import Action
from beeldpas.domain.share import HERE
from beeldpas.portal.actions import resources
from beeldpas.portal.actions.asker import Asker
from beeldpas.portal.actions.frame import Deed, Refusal, perform
from beeldpas.portal.house import House


async def export_log(house: House, asker: Asker, *, since: date | None, until: date | None) -> AsyncIterator[Record]:
    """Return the rows of the days from `since` up to and including `until`, as they come from the database.

    Raises: Refused("period_needed") without a period of 1 to 366 days; NotFound for who is not of security.
    """
    days = _days(since, until)

    async def work(deed: Deed) -> Refusal | None:
        if refusal := deed.authorise(resources.log(), days=days):
            return refusal
        deed.details = {"format": "nen7513", "since": str(since), "until": str(until)}
        return None

    await perform(house, asker, Action.EXPORT_LOG, work)
    return records(house.engine, Reader.SECURITY, _midnight(since), _midnight(until, 1))


def _days(since: date | None, until: date | None) -> int:
    """Return the length of a period; 0 for one that has no beginning or end, or ends where the calendar does."""
    if since is None or until is None or since == date.min or until == date.max:
        return 0
    return (until - since).days + 1


def _midnight(day: date | None, later: int = 0) -> datetime:
    """Return the beginning of a day here, so many days later."""
    if day is None:
        raise RuntimeError("an export without a period was permitted")
    return datetime.combine(day + timedelta(days=later), time(), HERE)
