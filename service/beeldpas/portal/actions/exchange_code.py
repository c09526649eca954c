"""A hospital's gateway exchanges the code that a browser brought for an access token."""

from beeldpas.domain.actions import Action
from beeldpas.domain.secret import OneTimeCode
from beeldpas.formats.assertion import Client
from beeldpas.portal.access_token import IssuedToken, render_token
from beeldpas.portal.actions import resources
from beeldpas.portal.actions.frame import Deed, Refusal, perform
from beeldpas.portal.actions.gateway_asker import as_asker
from beeldpas.portal.actions.held_grant import load_grant
from beeldpas.portal.directory import Hospital
from beeldpas.portal.house import House
from beeldpas.portal.store import authorization_codes, replays

_NOTHING = Refusal("invalid_grant")
_SEEN = Refusal("invalid_client")


async def exchange_code(
    house: House, hospital: Hospital, code: OneTimeCode, redirect_uri: str, proof: Client | None = None
) -> IssuedToken:
    """Use the code up and return a token of its grant; the gateway proved before that it is this hospital's.

    `proof` is the assertion with which it proved that; it is spent here, with whatever comes of the request.

    Raises: Refused("invalid_client") for a proof that was used before; Refused("invalid_grant"), whatever else is
    wrong: the code unknown, used, late, another hospital's, another address, or a grant that ended or was stopped.
    """

    async def work(deed: Deed) -> IssuedToken | Refusal:
        deed.details = {"gateway": hospital.gateway_id, "hospital": hospital.name}
        if proof is not None and not await _is_first(deed, proof):
            return _SEEN
        if redirect_uri != f"{hospital.base_url}/download":
            return _NOTHING
        used = await authorization_codes.use(deed.connection, code, hospital.gateway_id, deed.now)
        stored = await load_grant(deed, used.handle) if used else None
        if used is None or stored is None:
            return _NOTHING
        deed.details["grant"] = stored.grant.handle
        if deed.authorise(resources.grant(stored, deed.now)):
            return _NOTHING
        token = render_token(house, stored, used.language, deed.now)
        deed.details["jti"] = token.jti
        return token

    return await perform(house, as_asker(hospital), Action.EXCHANGE_CODE, work)


async def _is_first(deed: Deed, proof: Client) -> bool:
    return await replays.is_first(deed.connection, proof.client_id, proof.jti, proof.expires_at, deed.now)
