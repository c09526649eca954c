"""What a sweep found, kept in build/accessibility, and the page of docs that is made from it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from tests.browser.walks import Walk
from tests.house.tree import ROOT

PAGE = ROOT / "docs" / "accessibility.md"
KEPT = ROOT / "build" / "accessibility"
LANGUAGES = {
    "nl": "Dutch",
    "en": "English",
    "xl": "made up, long and accented",
    "xr": "made up, from right to left",
}
# Stop, then check: what is wrong in words; None where the check does not apply.
Findings = Mapping[str, Mapping[str, list[str] | None]]
_INTRODUCTION = """# Accessibility: what the tests look at

Made by the tests, not by hand: `.venv/bin/pytest tests/browser/test_accessibility*.py` sweeps every page and state of
`tests/browser/pages.py` in a running demo and writes this page. It is evidence, not an audit against WCAG 2.2.
{languages}
`✓` nothing found in any of them · a number: how many faults in all · `–` does not apply here.

{checks}

{tables}
## Elsewhere

Also tested, elsewhere: every page works without scripts (`test_without_scripts.py`), the end of a visit is announced
with scripts and without (`test_visits.py`), and the journeys are walked with the keyboard only (`test_journeys.py`).
"""


def keep(walk: Walk, language: str, found: Findings) -> None:
    """Write down what one walk found in one language."""
    KEPT.mkdir(parents=True, exist_ok=True)
    _file(walk, language).write_text(json.dumps(found, ensure_ascii=False, indent=1))


def kept(walk: Walk, language: str) -> Findings:
    """Read it back. Raises: OSError when that walk was not taken."""
    found: Findings = json.loads(_file(walk, language).read_text())
    return found


def page(walks: Iterable[Walk], checks: Mapping[str, str]) -> str:
    """Return the page of docs; `checks`: each with what it is. Raises: OSError for a walk in no language."""
    told = "\n".join(f"- **{name}**: {about}" for name, about in checks.items())
    spoken = "; ".join(f"`{name}` {about}" for name, about in LANGUAGES.items())
    tables = "\n".join(_table(walk, list(checks)) for walk in walks)
    return _INTRODUCTION.format(languages=f"Languages: {spoken}.", checks=told, tables=tables)


def _table(walk: Walk, checks: list[str]) -> str:
    taken = [language for language in LANGUAGES if _file(walk, language).exists()] or list(LANGUAGES)
    found = [kept(walk, language) for language in taken]
    head = f"## {walk.name}\n\nTaken in {', '.join(taken)}.\n\n| page or state | {' | '.join(checks)} |\n"
    rows = [_row(stop.name, [one[stop.name] for one in found], checks) for stop in walk.stops]
    return head + f"|---|{'---|' * len(checks)}\n" + "\n".join(rows) + "\n"


def _row(name: str, found: list[Mapping[str, list[str] | None]], checks: list[str]) -> str:
    return f"| {name} | {' | '.join(_cell([one.get(check) for one in found]) for check in checks)} |"


def _cell(found: list[list[str] | None]) -> str:
    applying = [faults for faults in found if faults is not None]
    if not applying:
        return "–"
    return str(sum(map(len, applying))) if any(applying) else "✓"


def _file(walk: Walk, language: str) -> Path:
    return KEPT / f"{walk.name.replace(' ', '-').replace(',', '')}.{language}.json"
