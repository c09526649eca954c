"""Which hospital's gateway is calling: it signs for itself, with a key that the hospital directory knows."""

from collections.abc import Mapping

from joserfc.jwk import KeySet

from beeldpas.database.engine import transaction
from beeldpas.domain.errors import Refused
from beeldpas.formats.assertion import CLIENT_ASSERTION_TYPE, read_assertion
from beeldpas.portal.directory import Hospital
from beeldpas.portal.house import House
from beeldpas.portal.store import replays


def clients_of(house: House) -> Mapping[str, KeySet]:
    """Return the keys of every gateway by its identifier, the base URL."""
    return {one.base_url: house.gateway_keys[one.gateway_id] for one in house.directory.hospitals}


def hospital_at(house: House, base_url: str) -> Hospital:
    """Return the hospital whose gateway has this identifier; only for identifiers that were verified."""
    return next(one for one in house.directory.hospitals if one.base_url == base_url)


async def authenticate(house: House, form: Mapping[str, str]) -> Hospital:
    """Return the hospital whose gateway made the assertion in the form; an assertion counts once.

    Requests are counted for a client that proved who it is, so that nobody else can use up its number.
    Raises: Refused("invalid_client"), Refused("too_many_requests"). *Source:* RFC 7523 §3.
    """
    if form.get("client_assertion_type") != CLIENT_ASSERTION_TYPE:
        raise Refused("invalid_client")
    now = house.clock()
    client = read_assertion(
        form.get("client_assertion", ""),
        clients=clients_of(house),
        audience=house.settings.base_url,
        now=now,
    )
    if form.get("client_id", client.client_id) != client.client_id:
        raise Refused("invalid_client")
    await house.limits.spend("token", house.settings.limits.tokens, client.client_id)
    async with transaction(house.engine) as connection:
        first = await replays.is_first(connection, client.client_id, client.jti, client.expires_at, now)
    if not first:
        raise Refused("invalid_client")
    return hospital_at(house, client.client_id)
