"""How many rows stand under the names by each key: what must be zero before a key may go."""

from beeldpas.audit.name_keys import every_key
from beeldpas.database.engine import transaction
from beeldpas.portal.house import House
from beeldpas.portal.store.adoption import count_under


async def report_names(house: House) -> tuple[str, ...]:
    """Count, report to the process that has the keys, and return what to print. Raises: Unavailable."""
    async with transaction(house.engine) as connection:
        rows = {key: await count_under(connection, key) for key in await every_key(connection)}
    await house.pseudonyms.report(rows)
    await house.engine.dispose()
    return tuple(f"{key}: {count} rows" for key, count in rows.items())
