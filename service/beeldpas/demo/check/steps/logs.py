"""Logs: what the patient reads is what the hospitals wrote and what was really done; a missing line is seen."""

import asyncio
import json
import subprocess
from typing import Any, Final

from beeldpas.demo.check import patient_door
from beeldpas.demo.check.browser import Browser
from beeldpas.demo.check.stage import Stage
from beeldpas.demo.check.uses import Noted, differences, noted

_PATIENCE_SECONDS: Final = 15.0


async def check_logs(stage: Stage, patient: Browser) -> None:
    """Compare the accounts, then take a line away on either side of a copy."""
    hospitals, mine = await _settled(stage, patient)
    found = differences(hospitals, mine, stage.uses)
    counted = f"{len(hospitals)} events at hospitals, {len(mine)} in the patient's log, {len(stage.uses)} uses made"
    stage.expect("the patient's log and the hospitals' logs match one to one", not found, "; ".join(found) or counted)
    for gateway in stage.floor.gateways:
        here = [event for event in hospitals if event.gateway == gateway]
        if not stage.expect(f"{gateway} noted its uses", bool(here), len(here)):
            continue
        less = [event for event in hospitals if event is not here[0]]
        stage.expect("  one line less at the hospital is noticed", bool(differences(less, mine, stage.uses)))
        less = [event for event in mine if event.event_id != here[0].event_id]
        stage.expect("  one line less at the patient is noticed", bool(differences(hospitals, less, stage.uses)))


async def _settled(stage: Stage, patient: Browser) -> tuple[list[Noted], list[Noted]]:
    """Read both sides; what is still on its way gets some time to arrive."""
    end = asyncio.get_running_loop().time() + _PATIENCE_SECONDS
    while True:
        hospitals = [event for name in stage.floor.gateways for event in noted(hospital_log(stage, name), name)]
        mine = noted(await patient_door.read_log(patient, stage.portal))
        if not differences(hospitals, mine, stage.uses) or asyncio.get_running_loop().time() > end:
            return hospitals, mine
        await asyncio.sleep(1)


def hospital_log(stage: Stage, gateway: str) -> list[dict[str, Any]]:
    """Read a hospital's own access log, as its administrator would."""
    command = stage.launcher.gateway_command(gateway, "log")
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
