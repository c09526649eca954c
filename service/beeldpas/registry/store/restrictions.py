"""What people keep from care providers: rows that say so, by person and study."""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from beeldpas.database.once import insert_once
from beeldpas.registry.store.lookup import Audience, named, seen_by
from beeldpas.registry.store.tables import imaging_study, restriction


async def concerns(connection: AsyncConnection, pseudonym: str, study_uid: str, audience: Audience) -> bool:
    """Say whether a study is registered of this person, as far as whoever looks may see it."""
    seen = seen_by(imaging_study, 1, audience)
    wanted = select(imaging_study.c.entry_id).where(*seen, imaging_study.c.key == study_uid)
    return (await connection.execute(wanted.limit(1), named([pseudonym]))).first() is not None


async def restrict(connection: AsyncConnection, pseudonym: str, study_uid: str, now: datetime) -> None:
    """Keep a study from providers; twice is once."""
    row = {"pseudonym": pseudonym, "study_uid": study_uid, "made_at": now}
    await insert_once(connection, restriction, row, ["pseudonym", "study_uid"])


async def release(connection: AsyncConnection, pseudonym: str, study_uid: str) -> None:
    """Show a study to providers again, whether it was kept from them or not."""
    this = (restriction.c.pseudonym == pseudonym, restriction.c.study_uid == study_uid)
    await connection.execute(delete(restriction).where(*this))
