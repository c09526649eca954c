"""What people set for their pages: one row each, under the name that stands for them."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from beeldpas.database.once import insert_once
from beeldpas.domain.preferences import Preferences
from beeldpas.portal.store.tables import preference as table


async def find(connection: AsyncConnection, names: Sequence[str]) -> Preferences | None:
    """Return what somebody set, under the newest of their names that has a row; None when nothing was set."""
    rows = {row.patient: row for row in await connection.execute(select(table).where(table.c.patient.in_(names)))}
    row = next((rows[name] for name in names if name in rows), None)
    if row is None:
        return None
    return Preferences(row.language, row.text_size, row.reports_on_request, row.thumbnails)


async def keep(connection: AsyncConnection, person: str, preferences: Preferences, now: datetime) -> None:
    """Put down what somebody wants from now on."""
    values = {
        "language": preferences.language,
        "text_size": preferences.text_size,
        "reports_on_request": preferences.reports_on_request,
        "thumbnails": preferences.thumbnails,
        "changed_at": now,
    }
    if not await insert_once(connection, table, {"patient": person, **values}, ["patient"]):
        await connection.execute(update(table).where(table.c.patient == person).values(values))
