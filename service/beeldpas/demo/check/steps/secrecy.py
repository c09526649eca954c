"""Secrecy: nothing that opens anything, and no BSN, stands in what any program printed."""

import re
from pathlib import Path
from typing import Final

from beeldpas.demo.check.stage import Stage
from beeldpas.demo.people import PATIENTS

_SHORTEST: Final = 8
_TOKEN: Final = re.compile(r"eyJ[\w-]{10,}\.[\w-]{10,}\.")


def check_logs_hold_no_secret(stage: Stage) -> None:
    """Search every log file for every secret that the check has seen, and for what looks like one."""
    for browser in stage.browsers:
        stage.keep_secret(*browser.secrets)
    words = {word for word in stage.secrets if len(word) >= _SHORTEST}
    numbers = stage.pins | {patient.bsn.reveal() for patient in PATIENTS}
    files = sorted(stage.floor.logs.glob("*.log"))
    found = [f"{file.name}: {what}" for file in files for what in leaks(file, words, numbers)]
    size = sum(file.stat().st_size for file in files)
    measured = f"{len(words) + len(numbers)} secrets, {len(files)} logs, {size / 1000:.0f} kB"
    stage.expect("no code, PIN, token, cookie or BSN stands in any log", not found, ", ".join(found) or measured)
    tokens = [file.name for file in files if _TOKEN.search(file.read_text(errors="replace"))]
    stage.expect("nothing that looks like a token stands in any log", not tokens, ", ".join(tokens))
    studies = {one.study for sources in stage.sources.values() for one in sources.instances}
    named = leaks(stage.floor.logs / "portal.log", studies, set())
    stage.expect("no study is named in the portal's log", not named, len(named) or f"{len(studies)} studies")
    queries = [
        file.name for file in files if re.search(r"[?&](code|state|iss|token)=", file.read_text(errors="replace"))
    ]
    stage.expect("no query string stands in any log", not queries, ", ".join(queries))


def leaks(file: Path, words: set[str], numbers: set[str]) -> list[str]:
    """Say what kinds of secrets stand in a file. A number counts when it stands alone, not inside a longer one."""
    text = file.read_text(errors="replace")
    found = ["a code, token or cookie" for word in words if word in text]
    alone = set(re.findall(r"(?<![\w.-])\d{6,9}(?![\w.-])", text))
    return found + ["a PIN or BSN" for _ in numbers & alone]
