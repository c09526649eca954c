"""Inserting a row that may be there already: one statement, no error, on both engines."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection


async def insert_once(
    connection: AsyncConnection, table: Table, values: Mapping[str, Any], unique: Sequence[str]
) -> bool:
    """Insert the row unless one with the same `unique` columns is there; say whether it was inserted.

    A violated unique constraint would end a PostgreSQL transaction; this leaves it usable.
    """
    statement = _statement(table, connection.dialect.name, tuple(unique))
    return (await connection.execute(statement, dict(values))).first() is not None


@lru_cache(maxsize=64)
def _statement(table: Table, dialect: str, unique: tuple[str, ...]) -> Any:
    """Made once for each table: RETURNING, since PostgreSQL's driver leaves the row count of an INSERT unknown."""
    insert = (postgresql.insert if dialect == "postgresql" else sqlite.insert)(table)
    return insert.on_conflict_do_nothing(index_elements=unique).returning(*(table.c[name] for name in unique))
