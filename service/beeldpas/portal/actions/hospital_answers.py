"""Asking hospitals what they would serve, all at once and each with a deadline; who does not answer is absent."""

import asyncio
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from beeldpas.domain.errors import Unavailable
from beeldpas.formats.question import Question
from beeldpas.portal.house import House
from beeldpas.portal.registries.held import GatewayPreview


async def ask_hospitals(
    house: House,
    wanted: Mapping[str, Sequence[str]],
    language: str,
    question: Question,
    confirmed: Mapping[str, int] = MappingProxyType({}),
    seconds: float | None = None,
) -> dict[str, GatewayPreview]:
    """Return the answer of each hospital (by id) about its studies (`wanted`: hospital → UIDs).

    `confirmed`: the generation of each hospital's index that the patient saw; `seconds`: how long to wait.
    """
    patience = seconds or house.settings.timeline_deadline_seconds

    async def ask(gateway_id: str) -> GatewayPreview | None:
        try:
            async with asyncio.timeout(patience):
                return await house.gateways.preview(
                    gateway_id, wanted[gateway_id], language, question, confirmed.get(gateway_id)
                )
        except (Unavailable, TimeoutError):
            return None

    answers = await asyncio.gather(*(ask(gateway_id) for gateway_id in wanted))
    told = zip(wanted, answers, strict=True)
    return {gateway_id: answer for gateway_id, answer in told if answer is not None}
