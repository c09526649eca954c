"""Cases: a question, and what the policies must answer; `cases/<verb>/ALLOW|DENY/*.json`, each named as a sentence.

A question has the form of OpenID AuthZEN; beside it stands which policy decides (`decided_by`) and what the person
then reads (`refusal`).
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from beeldpas.domain.errors import Malformed
from beeldpas.policy.decision import Decision, Part, PolicyDecisionPoint, Question

ALLOW, DENY = "ALLOW", "DENY"


@dataclass(frozen=True, slots=True)
class Case:
    """One question with its answer."""

    path: Path
    question: Question
    expected: Decision

    @property
    def verb(self) -> str:
        """The folder in which it stands."""
        return self.path.parts[-3]

    @property
    def sentence(self) -> str:
        """What it says."""
        return self.path.stem.replace("_", " ")


def cases(folder: Path) -> tuple[Case, ...]:
    """Return all cases below `folder/cases`. Raises: OSError; Malformed("policy_case") for one that is none."""
    return tuple(_read(path) for path in sorted(folder.glob("cases/*/*/*.json")))


def failing(policies: PolicyDecisionPoint, known: Iterable[Case]) -> Iterator[tuple[Case, Decision]]:
    """Yield the cases that these policies decide otherwise, with what they say."""
    for case in known:
        said = policies.decide(case.question)
        if said != case.expected or case.question.action != case.verb:
            yield case, said


def _read(path: Path) -> Case:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        question = Question(
            _part(found["subject"]), found["action"]["name"], _part(found["resource"]), found["context"]
        )
        return Case(path, question, Decision(path.parts[-2] == ALLOW, found["decided_by"], found["refusal"]))
    except (KeyError, TypeError, ValueError) as error:
        raise Malformed("policy_case", {"where": path.name}) from error


def _part(value: Mapping[str, Any]) -> Part:
    return Part(value["type"], value["id"], value["properties"])
