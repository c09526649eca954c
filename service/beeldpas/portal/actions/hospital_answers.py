"""Asking hospitals what they would serve, all at once and each with a deadline; who does not answer is absent."""

import asyncio
from collections.abc import Mapping, Sequence

from beeldpas.domain.errors import Unavailable
from beeldpas.formats.question import Question
from beeldpas.portal.house import House
from beeldpas.portal.registries.held import GatewayPreview


async def ask_hospitals(
    house: House, wanted: Mapping[str, Sequence[str]], language: str, question: Question
) -> dict[str, GatewayPreview]:
    """Return the answer of each hospital (by id) about its studies (`wanted`: hospital → UIDs)."""

    async def ask(gateway_id: str) -> GatewayPreview | None:
        try:
            async with asyncio.timeout(house.settings.timeline_deadline_seconds):
                return await house.gateways.preview(gateway_id, wanted[gateway_id], language, question)
        except (Unavailable, TimeoutError):
            return None

    answers = await asyncio.gather(*(ask(gateway_id) for gateway_id in wanted))
    told = zip(wanted, answers, strict=True)
    return {gateway_id: answer for gateway_id, answer in told if answer is not None}
