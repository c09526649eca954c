"""Telling a hospital that others contradict it about whose one of its studies is.

*Source:* docs/wire.md §3 (doubt).
"""

import asyncio

import httpx2

from beeldpas.domain.errors import Unavailable
from beeldpas.domain.identity import Doubt
from beeldpas.formats.hospitals import Hospital
from beeldpas.portal.registries.calling import called
from beeldpas.portal.registries.question import Question, Signer

_ACCEPTED = 204
_PATIENCE_SECONDS = 2.0


async def tell(
    hospital: Hospital, doubt: Doubt, question: Question, client: httpx2.AsyncClient, signer: Signer
) -> None:
    """Tell a hospital of one doubt. Raises: Unavailable, with the hospital as its source."""
    token = signer.sign(question, hospital.base_url)
    body = {
        "studies": [doubt.study_uid],
        "attribute": doubt.attribute.value,
        "against": list(doubt.against),
        "outvoted": doubt.is_outvoted,
    }
    asking = client.post(
        f"{hospital.base_url}/doubt", headers={"Authorization": f"Bearer {token.reveal()}"}, json=body
    )
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            await called(hospital.gateway_id, asking, _ACCEPTED)
    except TimeoutError as error:
        raise Unavailable(hospital.gateway_id, reason="late") from error
