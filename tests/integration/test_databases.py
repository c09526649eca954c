"""The databases that the tests run on are real: what one writes, a second connection reads."""

from __future__ import annotations

import sqlalchemy
from sqlalchemy.ext.asyncio import create_async_engine
from tests.postgres import Cluster


async def test_both_engines_keep_what_was_written(database_url: str) -> None:
    for statement in ("CREATE TABLE kept (n INTEGER)", "INSERT INTO kept VALUES (7)"):
        engine = create_async_engine(database_url)
        async with engine.begin() as connection:
            await connection.execute(sqlalchemy.text(statement))
        await engine.dispose()
    engine = create_async_engine(database_url)
    async with engine.connect() as connection:
        assert (await connection.execute(sqlalchemy.text("SELECT n FROM kept"))).scalar_one() == 7
    await engine.dispose()


async def test_a_dump_holds_what_a_thief_would_get(postgres_cluster: Cluster) -> None:
    url = postgres_cluster.create("stolen")
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        await connection.execute(sqlalchemy.text("CREATE TABLE secret AS SELECT 'swordfish' AS word"))
    await engine.dispose()
    assert "swordfish" in postgres_cluster.dump("stolen")
    postgres_cluster.drop("stolen")
