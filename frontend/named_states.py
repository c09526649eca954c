"""Which states nothing leads to: a text for something that cannot happen is one more text to keep true."""

import re
from collections.abc import Collection, Iterator
from pathlib import Path

_PLACES = (
    "service/beeldpas/**/*.py",
    "policies/**/*.cedar",
    "frontend/templates/**/*.html",
    "frontend/scripts/*.ts",
    "frontend/viewer/*.ts",
)
_NAME = re.compile(r"""["'.](\w+)(?=["'.)])""")
_BEGUN = re.compile(r"""["'.](\w+_)\{""")
_AT_WORK = "work_"


def states_without_a_cause(root: Path, keys: Collection[str]) -> Iterator[str]:
    """Return every state of the catalogue that no code, policy, page or script names, whole or by its beginning.

    `work_session_ended` is named where `session_ended` is: people at work read it instead.
    """
    text = "\n".join(path.read_text(encoding="utf-8") for place in _PLACES for path in root.glob(place))
    named, begun = set(_NAME.findall(text)), tuple(_BEGUN.findall(text))
    for state in sorted({key.split(".")[1] for key in keys if key.startswith("state.")}):
        if not {state, state.removeprefix(_AT_WORK)} & named and not state.startswith(begun):
            yield state
