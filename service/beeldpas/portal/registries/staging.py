"""Telling a hospital what was shared and until when, so that it has the images ready; its answer says how far it is.

*Source:* docs/wire.md §3 (staging).
"""

from collections.abc import Mapping
from typing import Any

from beeldpas.domain.errors import Malformed, Refused, Unavailable
from beeldpas.formats import jose
from beeldpas.formats.question import Question
from beeldpas.portal.registries.calling import called
from beeldpas.portal.registries.preview import Gateways
from beeldpas.portal.store.staging import Hold

STAGING = "staging+jwt"
_ACCEPTED = 202
_STATES = frozenset({"held", "queued", "fetching", "failed", "missing"})
Told = dict[str, dict[str, Any]]


async def tell(gateways: Gateways, hold: Hold) -> Told:
    """Tell a hospital of one hold; return what it says of each study.

    Raises: NotFound for a hospital that is not in the directory; Unavailable, with the hospital as its source.
    """
    hospital = gateways.directory.taking_part(hold.gateway_id)
    question = Question("patient", "patient", hold.subject, gateways.signer.issuer, "PATRQT", _basis(hold))
    token = gateways.signer.sign(question, hospital.base_url)
    response = await called(
        hospital.gateway_id,
        gateways.client.post(
            f"{hospital.base_url}/stage",
            headers={"Authorization": f"Bearer {token.reveal()}", "Accept": "application/jwt"},
            json={"hold": hold.hold, "studies": list(hold.studies), "until": int(hold.until.timestamp())},
        ),
        _ACCEPTED,
    )
    try:
        claims = jose.verify(
            response.content.decode("ascii").strip(),
            typ=STAGING,
            keys=gateways.keys[hospital.gateway_id],
            issuer=hospital.base_url,
            audience=gateways.signer.issuer,
            now=gateways.clock(),
        )
        return _read(claims, frozenset(hold.studies))
    except (Refused, Malformed, UnicodeDecodeError) as error:
        raise Unavailable(hospital.gateway_id, retryable=False, reason="unreadable") from error


def _basis(hold: Hold) -> Any:
    return "own" if hold.basis == "own" else "share"


def _read(claims: Mapping[str, Any], asked: frozenset[str]) -> Told:
    """Read the answer; what was not asked is passed over, what is not mentioned counts as missing."""
    try:
        told = {one["uid"]: _study(one) for one in claims["studies"] if one["uid"] in asked}
    except (KeyError, TypeError, ValueError) as error:
        raise Malformed("staging") from error
    missing = {"state": "missing", "instances": None, "fetched": 0}
    return {uid: told.get(uid, missing) for uid in asked}


def _study(one: Mapping[str, Any]) -> dict[str, Any]:
    state, instances, fetched = one["state"], one["instances"], one["fetched"]
    if state not in _STATES or type(fetched) is not int or not (instances is None or type(instances) is int):
        raise ValueError("no state of a study")
    return {"state": state, "instances": instances, "fetched": fetched}
