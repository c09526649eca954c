"""Which hospital's gateway is calling: it signs for itself, with a key that the hospital directory knows."""

from collections.abc import Mapping

from joserfc.jwk import KeySet

from beeldpas.domain.errors import Refused
from beeldpas.formats.assertion import CLIENT_ASSERTION_TYPE, Client, read_assertion
from beeldpas.portal.directory import Hospital
from beeldpas.portal.house import House


def clients_of(house: House) -> Mapping[str, KeySet]:
    """Return the keys of every gateway by its identifier, the base URL."""
    return {one.base_url: house.gateway_keys[one.gateway_id] for one in house.directory.hospitals}


def hospital_at(house: House, base_url: str) -> Hospital:
    """Return the hospital whose gateway has this identifier; only for identifiers that were verified."""
    return next(one for one in house.directory.hospitals if one.base_url == base_url)


async def authenticate(house: House, form: Mapping[str, str]) -> tuple[Hospital, Client]:
    """Return the hospital whose gateway made the assertion in the form, and the assertion, which counts once:
    whoever acts on it spends it (`store/replays.py`) on the transaction of what it is for.

    Requests are counted for a client that proved who it is, so that nobody else can use up its number.
    Raises: Refused("invalid_client"), Refused("too_many_requests"). *Source:* RFC 7523 §3.
    """
    if form.get("client_assertion_type") != CLIENT_ASSERTION_TYPE:
        raise Refused("invalid_client")
    client = read_assertion(
        form.get("client_assertion", ""),
        clients=clients_of(house),
        audience=house.settings.base_url,
        now=house.clock(),
    )
    if form.get("client_id", client.client_id) != client.client_id:
        raise Refused("invalid_client")
    await house.limits.spend("token", house.settings.limits.tokens, client.client_id)
    return hospital_at(house, client.client_id), client
