"""The generation of the index: a number that counts its changes, so that anybody can say what they saw."""

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from beeldpas.database.once import insert_once
from beeldpas.gateway.store.tables import index_state


async def next_generation(connection: AsyncConnection) -> int:
    """Begin a new generation; what changes in this transaction belongs to it."""
    await insert_once(connection, index_state, {"id": 1, "generation": 0}, ["id"])
    counted = await connection.execute(
        update(index_state).values(generation=index_state.c.generation + 1).returning(index_state.c.generation)
    )
    return int(counted.scalar_one())
