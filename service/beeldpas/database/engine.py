"""Opening a database: SQLite as the embedded default, PostgreSQL as the real one, one way of working for both.

SQLite begins every transaction with BEGIN IMMEDIATE: two programs that read and then write would otherwise
find the database locked after having read. Atomicity comes from single statements, not from locks.
"""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionInTime
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from beeldpas.domain.errors import Unavailable

_BUSY_SECONDS = 10


def open_engine(url: str) -> AsyncEngine:
    """Open `sqlite+aiosqlite:///path` or `postgresql+psycopg://…`; nothing connects yet."""
    if make_url(url).get_backend_name() != "sqlite":
        return create_async_engine(url, pool_pre_ping=True, pool_size=10, max_overflow=10)
    engine = create_async_engine(url, connect_args={"timeout": _BUSY_SECONDS})
    event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    event.listen(engine.sync_engine, "begin", _begin_immediate)
    return engine


@asynccontextmanager
async def transaction(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """Give a connection whose work is kept when the block returns and undone when it raises.

    Raises: Unavailable("database") when the database cannot be reached or is too busy.
    """
    try:
        async with engine.begin() as connection:
            yield connection
    except (OperationalError, InterfaceError, NoConnectionInTime) as error:
        raise Unavailable("database") from error


async def leave_no_trace(engine: AsyncEngine) -> None:
    """Take what was deleted out of SQLite's files too: the log of changes is written back and emptied.

    Readers that are busy put it off until the next time. PostgreSQL cleans up by itself (autovacuum).
    Raises: Unavailable("database").
    """
    if engine.dialect.name != "sqlite":
        return
    try:
        async with engine.connect() as connection:
            raw = await connection.get_raw_connection()
            await raw.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # type: ignore[union-attr]
    except (OperationalError, InterfaceError, NoConnectionInTime, sqlite3.Error) as error:
        raise Unavailable("database") from error


@asynccontextmanager
async def looking(url: str) -> AsyncIterator[AsyncConnection]:
    """Give a connection that sees the database as it is now, whatever is written meanwhile, and keeps nobody waiting.

    Raises: Unavailable("database").
    """
    is_sqlite = make_url(url).get_backend_name() == "sqlite"
    engine = create_async_engine(url, **({} if is_sqlite else {"isolation_level": "REPEATABLE READ"}))
    try:
        async with engine.connect() as connection:
            if is_sqlite:  # its driver begins no transaction for reading
                await connection.exec_driver_sql("BEGIN")
            yield connection
    except (OperationalError, InterfaceError, NoConnectionInTime) as error:
        raise Unavailable("database") from error
    finally:
        await engine.dispose()


def migrate(url: str, scripts: Path) -> None:
    """Bring the database up to the newest revision of a program's migrations; run before serving."""
    config = Config()
    config.set_main_option("script_location", str(scripts))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    command.upgrade(config, "head")


def _prepare_sqlite(connection: DBAPIConnection, _record: Any) -> None:
    connection.isolation_level = None  # SQLAlchemy begins, not the driver
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_immediate(connection: Any) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
