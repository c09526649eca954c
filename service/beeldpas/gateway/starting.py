"""What a gateway writes into its log about itself: other policies or keys at a start, and what administrators do.

An administrator is known by the account of this machine. What cannot be written down is not done.
*Source:* NEN 7513 §6 (changes of authorisation, access around the application).
"""

from collections.abc import Iterable, Mapping
from getpass import getuser
from pathlib import Path
from uuid import uuid4

from sqlalchemy.ext.asyncio import AsyncEngine

from beeldpas.assets import asset
from beeldpas.audit.event import Actor, Event
from beeldpas.audit.events import Administration, Change
from beeldpas.audit.log import append
from beeldpas.audit.starting import note_start
from beeldpas.database.engine import open_engine, transaction
from beeldpas.gateway.app import open_database
from beeldpas.gateway.settings import GatewaySettings
from beeldpas.gateway.status import utc_now
from beeldpas.gateway.trail import spooling


def started_with(settings: GatewaySettings) -> Mapping[Change, Iterable[Path]]:
    """Return the files of the policies, the hospital's own among them, and those with keys."""
    folders = [asset("policies") / "gateway"]
    folders += [settings.policies_dir] if settings.policies_dir else []
    keys = [settings.key_file, settings.lease_keys_file, *(issuer.keys_file for issuer in settings.issuers)]
    policies = [file for folder in folders for file in folder.glob("*.cedar*")]
    return {Change.POLICIES_CHANGED: policies, Change.KEYS_CHANGED: keys}


async def note_own_start(settings: GatewaySettings) -> tuple[Change, ...]:
    """Write down what is other than at the last start. Raises: OSError; Unavailable("database")."""

    def opened(url: str) -> AsyncEngine:
        return spooling(open_engine(url)) if settings.audit_repository else open_engine(url)

    return await note_start(settings.database_url, settings.gateway_id, utc_now(), started_with(settings), opened)


async def note(settings: GatewaySettings, what: Administration) -> None:
    """Write down that an administrator begins something. Raises: Unavailable("database"), and then it is not done."""
    event = Event(
        event_id=str(uuid4()),
        at=utc_now(),
        kind=what,
        outcome="done",
        actor=Actor(kind="administrator", subject=getuser()),
        source=settings.gateway_id,
        purpose="HOPERAT",
    )
    engine = open_database(settings)
    try:
        async with transaction(engine) as connection:
            await append(connection, event)
    finally:
        await engine.dispose()
