"""The three providers of a portal, one at each door, and the look at each of them before the portal starts.

A provider that answers and is not what it must be stops the start, with the reason. One that does not answer does
not: the other doors work without it, and people at its own door read that signing in does not work now.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime

import structlog

from beeldpas.domain.errors import Unavailable
from beeldpas.portal.identity.provider import Unfit
from beeldpas.portal.identity.relying_party import RelyingParty
from beeldpas.portal.settings import PortalSettings

log = structlog.get_logger()


def relying_parties(settings: PortalSettings, clock: Callable[[], datetime]) -> dict[str, RelyingParty]:
    """Return the portal as client of its providers, by door. In production no stand-in signs anybody in."""
    doors = {
        "patient": ("digid", settings.digid),
        "provider": ("zorg", settings.zorg),
        "helpdesk": ("staff", settings.staff),
    }
    return {
        door: RelyingParty(
            name,
            client,
            base_url=settings.base_url,
            clock=clock,
            ca_file=settings.ca_file,
            stand_ins=settings.environment == "demo",
        )
        for door, (name, client) in doors.items()
    }


async def check_providers(settings: PortalSettings, clock: Callable[[], datetime]) -> list[str]:
    """Ask every provider what it is; returns one plain line for each that the portal cannot start with."""
    parties = relying_parties(settings, clock).values()
    try:
        found = await asyncio.gather(*(_reason_against(party) for party in parties))
    finally:
        for party in parties:
            await party.close()
    return [reason for reason in found if reason]


async def _reason_against(party: RelyingParty) -> str:
    try:
        await party.check()
    except Unfit as error:
        return f"{party.name} ({party.issuer}) does not fit: {error.why}"
    except Unavailable:
        log.warning("openid_provider_silent", provider=party.name)
    return ""
