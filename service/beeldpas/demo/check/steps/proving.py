"""The portal's log, proven elsewhere: a process of its own checks a proof with public keys alone, and the whole log.

The event is one that a hospital wrote itself: what it noted of a download stands in the portal's tree too, below the
words of all hospitals. A copy of the proof that somebody touched must be refused.
"""

import asyncio
import sys
from base64 import b64decode, b64encode
from pathlib import Path
from typing import Final

from beeldpas.demo.check.stage import Stage
from beeldpas.demo.check.steps.logs import hospital_log

_HOLDS, _WRONG = 0, 1
_PATIENCE_SECONDS: Final = 30.0


async def check_log_proof(stage: Stage) -> None:
    """Prove a hospital's use in the portal's log, spoil the proof, and go through the log."""
    config = str(stage.floor.config("portal"))
    logs = (event for name in stage.floor.gateways for event in hospital_log(stage, name))
    uses = [event for event in logs if event["kind"] == "download"]
    if not stage.expect("there is a use to prove", bool(uses), len(uses)):
        return
    keys, proof = stage.work / "log.keys", stage.work / "use.tlog-proof"
    _, printed = await _audit("keys", "--config", config)
    keys.write_text(printed)
    code, said = await _proven(config, uses[0]["event_id"], proof, keys, len(stage.floor.gateways))
    held = code == _HOLDS and uses[0]["event_id"] in said
    measured = said.strip().splitlines()[-1] if said.strip() else f"exit {code}"
    stage.expect("a hospital's use is proven in the portal's log, with all hospitals' words", held, measured)
    if held:
        code, _ = await _audit("verify", str(_touched(proof)), "--keys", str(keys))
        stage.expect("  a proof with another record is refused", code == _WRONG, f"exit {code}")
    code, said = await _audit("verify", "--config", config)
    wrong = [line for line in said.splitlines() if line.startswith("wrong: ")]
    measured = (wrong or said.splitlines() or [""])[0]
    stage.expect("the whole log holds, checked by a process of its own", code == _HOLDS, measured)
    others = ("registry", *stage.floor.gateways)
    codes = [(await _audit("verify", "--config", str(stage.floor.config(name))))[0] for name in others]
    stage.expect("and so does the log of every other program", set(codes) == {_HOLDS}, ", ".join(others))


async def _proven(config: str, event_id: str, proof: Path, keys: Path, hospitals: int) -> tuple[int, str]:
    """Ask for the proof until every hospital stands by it, and check it."""
    end = asyncio.get_running_loop().time() + _PATIENCE_SECONDS
    while True:
        code, said = await _audit("prove", event_id, "--config", config, "--out", str(proof))
        if code == _HOLDS:
            code, said = await _audit("verify", str(proof), "--keys", str(keys), "--witnesses", str(hospitals))
        if code == _HOLDS or asyncio.get_running_loop().time() > end:
            return code, said
        await asyncio.sleep(1)


def _touched(proof: Path) -> Path:
    """The same proof of a record that says something else."""
    lines = proof.read_text(encoding="utf-8").split("\n")
    extra = b64decode(lines[1].removeprefix("extra "))
    lines[1] = f"extra {b64encode(extra.replace(b'download', b'd0wnload')).decode()}"
    copy = proof.with_name("touched.tlog-proof")
    copy.write_text("\n".join(lines), encoding="utf-8")
    return copy


async def _audit(*words: str) -> tuple[int, str]:
    pipe = asyncio.subprocess.PIPE
    command = [sys.executable, "-m", "beeldpas", "audit", *words]
    process = await asyncio.create_subprocess_exec(*command, stdout=pipe, stderr=asyncio.subprocess.STDOUT)
    said, _ = await process.communicate()
    return process.returncode or 0, said.decode()
