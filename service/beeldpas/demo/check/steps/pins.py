"""PINs: a wrong one is refused and counted, and fifty at once cannot buy more than ten tries."""

import asyncio
from typing import Final

from beeldpas.demo.check import patient_door, provider_door
from beeldpas.demo.check.browser import Browser
from beeldpas.demo.check.provider_door import Declared
from beeldpas.demo.check.stage import MadeShare, Shared, Stage

_AT_ONCE: Final = 50
_LIMIT: Final = 10
_SOMEBODY: Final = Declared("Dr. X. Iemand", "Kliniek Elders")


async def check_pins(stage: Stage, patient: Browser, share: Shared) -> None:
    """Use up a share's tries."""
    made = share.made
    wrong = provider_door.another_pin(made.pin)
    async with stage.browser() as guesser:
        page = await provider_door.redeem(guesser, stage.portal, made.code, wrong, _SOMEBODY)
        stage.expect("a wrong PIN opens nothing", not provider_door.is_open(page), page.place)
    counted = await _wrong_pins(stage, patient, made)
    stage.expect("and is counted", counted == 1, counted)
    answers = await _fifty(stage, made.code, wrong)
    stage.expect(f"{_AT_ONCE} wrong PINs at once open nothing", not any(answers), f"{len(answers)} answers")
    counted = await _wrong_pins(stage, patient, made)
    looked_at = await _looks(stage, patient, made)
    held = counted == _LIMIT and looked_at <= _LIMIT
    stage.expect(f"{_LIMIT} of them were tries, no more", held, f"{counted} counted, {looked_at} answered as wrong")
    async with stage.browser() as owner:
        page = await provider_door.redeem(owner, stage.portal, made.code, made.pin, _SOMEBODY)
        stage.expect("after that even the right PIN opens nothing", not provider_door.is_open(page), page.place)


async def _fifty(stage: Stage, code: str, pin: str) -> list[bool]:
    async with stage.browser() as guesser:
        tries = [provider_door.redeem(guesser, stage.portal, code, pin, _SOMEBODY) for _ in range(_AT_ONCE)]
        return [provider_door.is_open(page) for page in await asyncio.gather(*tries)]


async def _wrong_pins(stage: Stage, patient: Browser, made: MadeShare) -> int:
    """How many wrong PINs the patient is told of."""
    page = await patient_door.share_page(patient, stage.portal, made.share_id)
    return sum(int(said) for term, said in page.facts if "pin" in term.lower() and said.isdigit())


async def _looks(stage: Stage, patient: Browser, made: MadeShare) -> int:
    """How often, by the log, a PIN was compared and found wrong."""
    lines = await patient_door.read_log(patient, stage.portal)
    return sum(1 for line in lines if line["reason"] == "pin_wrong" and line["share_reference"] == made.reference)
