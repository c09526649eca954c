"""Which studies are whole, as conditions of statements: what a fetch has brought so far is served to nobody."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from beeldpas.gateway.store.staging import staged_study
from beeldpas.gateway.store.tables import instance


def is_whole(uid: ColumnElement[str]) -> ColumnElement[bool]:
    """Say that a study's files lie in the store, all of them."""
    living = select(instance.c.study_uid).where(instance.c.gone.is_(None))
    return and_(uid.in_(living), is_settled(uid))


def is_settled(uid: ColumnElement[str]) -> ColumnElement[bool]:
    """Say that a study is not one that is still to be fetched whole."""
    return uid.not_in(select(staged_study.c.uid).where(staged_study.c.whole_at.is_(None)))


async def fetched_after(connection: AsyncConnection, uids: Collection[str], generation: int) -> frozenset[str]:
    """Return which of these studies came from the PACS after a generation of the index that had nothing of them.

    They were in the hospital all the time: that they are here now is no change of theirs.
    """
    lived = select(instance.c.study_uid).where(
        instance.c.study_uid.in_(uids),
        instance.c.born <= generation,
        or_(instance.c.gone.is_(None), instance.c.gone > generation),
    )
    table = staged_study.c
    rows = await connection.execute(select(table.uid).where(table.uid.in_(uids), table.uid.not_in(lived)))
    return frozenset(rows.scalars())
