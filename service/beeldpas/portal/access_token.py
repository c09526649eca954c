"""An access token: a signed five-minute rendering of one grant for one gateway.

*Source:* RFC 9068 (profile), RFC 9396 (authorization_details), draft-ietf-oauth-status-list; docs/wire.md §4.
"""

from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import uuid4

from beeldpas.domain.grant import Receiver
from beeldpas.domain.secret import Secret
from beeldpas.formats import jose
from beeldpas.portal.actions.asker import relation_in
from beeldpas.portal.house import House
from beeldpas.portal.pseudonym import pairwise
from beeldpas.portal.store.grants import StoredGrant

ACCESS_TOKEN_TYPE = "at+jwt"  # noqa: S105 (a kind of token, not one)
IMAGING_TYPE = "urn:beeldpas:imaging:1"
LIFETIME = timedelta(minutes=5)


class IssuedToken(NamedTuple):
    """A token and for how many seconds it is good; `jti` names it in the log."""

    access_token: Secret
    expires_in: int
    jti: str


def render_token(house: House, stored: StoredGrant, language: str, now: datetime) -> IssuedToken:
    """Sign a token that is never wider or longer than the grant; whether the grant is live was decided before."""
    grant, issued_at = stored.grant, int(now.timestamp())
    hospital = house.directory.taking_part(grant.gateway_id)
    not_after = int(grant.ends_at.timestamp())
    expires_at = min(issued_at + int(LIFETIME.total_seconds()), not_after)
    jti = uuid4().hex
    details: dict[str, Any] = {
        "type": IMAGING_TYPE,
        "locations": [hospital.base_url],
        "actions": ["retrieve"],
        "basis": grant.basis,
        "studies": sorted(grant.studies),
        "not_after": not_after,
        "representative": bool(relation_in(stored.receiver_key) or stored.relation),
    }
    if stored.confirmed is not None:
        details["confirmed"] = {"generation": stored.confirmed}
    claims: dict[str, Any] = {
        "iss": house.settings.base_url,
        "aud": hospital.base_url,
        "sub": pairwise(house.secrets, grant.gateway_id, stored.receiver_key),
        "client_id": hospital.base_url,
        "iat": issued_at,
        "exp": expires_at,
        "jti": jti,
        "purpose": "PATRQT" if grant.basis == "own" else "TREAT",
        "grant": grant.handle,
        "receiver": _receiver(grant.receiver),
        "language": language,
        "authorization_details": [details],
        "status": {"status_list": {"idx": grant.status_index, "uri": status_uri(house, grant.gateway_id)}},
    }
    token = jose.sign(claims, typ=ACCESS_TOKEN_TYPE, key=house.keys)
    return IssuedToken(Secret(token), expires_at - issued_at, jti)


def status_uri(house: House, gateway_id: str) -> str:
    """Return where a hospital's status list is."""
    return f"{house.settings.base_url}/status/{gateway_id}"


def _receiver(receiver: Receiver) -> dict[str, str]:
    told = {"kind": receiver.kind, "name": receiver.name, "organisation": receiver.organisation}
    return told | ({"ura": receiver.ura} if receiver.ura else {})
