"""Policies as their authors write them: one sentence in plain words, an `@id`, and the rule that means it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_RULE = re.compile(r"((?:^//[^\n]*\n)+)((?:^@[^\n]*\n)+)^(permit|forbid) \(.*?;\n", re.MULTILINE | re.DOTALL)
_VERB = re.compile(r'Action::"(\w+)"')
_NOTE = re.compile(r'@(\w+)\("([^"]*)"\)')


@dataclass(frozen=True, slots=True)
class Rule:
    """One policy. `effect` is permit or forbid, `verbs` are those it is about, `refusal` is what a person reads."""

    file: str
    sentence: str
    id: str
    refusal: str
    effect: str
    verbs: tuple[str, ...]
    text: str


def rules(folder: Path) -> tuple[Rule, ...]:
    """Return every policy of a folder, by file name and then as written. Raises: OSError."""
    return tuple(rule for file in sorted(folder.glob("*.cedar")) for rule in _of_file(file))


def _of_file(file: Path) -> Iterator[Rule]:
    for found in _RULE.finditer(file.read_text(encoding="utf-8")):
        notes = dict(_NOTE.findall(found[2]))
        yield Rule(
            file=file.name,
            sentence=" ".join(line.removeprefix("//").strip() for line in found[1].splitlines()),
            id=notes.get("id", ""),
            refusal=notes.get("refusal", ""),
            effect=found[3],
            verbs=tuple(dict.fromkeys(_VERB.findall(found[0].partition("when")[0].partition("unless")[0]))),
            text=found[0],
        )
