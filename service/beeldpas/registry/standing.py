"""How many rows stand under the names by each key: what must be zero before a key may go."""

from beeldpas.audit.name_keys import every_key
from beeldpas.database.engine import transaction
from beeldpas.registry.index import Index
from beeldpas.registry.store.renaming import count_under


async def report_names(index: Index) -> tuple[str, ...]:
    """Count, report to the process that has the keys, and return what to print. Raises: Unavailable."""
    async with transaction(index.engine) as connection:
        rows = {key: await count_under(connection, key) for key in await every_key(connection)}
    await index.pseudonyms.report(rows)
    await index.engine.dispose()
    return tuple(f"{key}: {count} rows" for key, count in rows.items())
