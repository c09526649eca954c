"""Whether the policies of a folder are in order: written as they should be, needed, and right about every case."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import cedarpy

from beeldpas.domain.errors import Malformed
from beeldpas.policy.cases import Case, cases, failing
from beeldpas.policy.decision import SCHEMA_FILE, PolicyDecisionPoint
from beeldpas.policy.rules import Rule, rules


def faults(folder: Path) -> Iterator[str]:
    """Yield what is wrong, in words; nothing when all is well. Raises: OSError; Malformed("policy_case")."""
    found, known = rules(folder), cases(folder)
    yield from _unformatted(folder)
    yield from (fault for rule in found for fault in _faults_of(rule))
    try:
        policies = PolicyDecisionPoint.load(folder)
    except Malformed as error:
        yield f"the policies do not load: {error.detail.get('where', '')}"
        return
    if len(found) != len(policies.ids):
        yield "a policy stands without a sentence above it"
    for case, said in failing(policies, known):
        yield f"{case.path.parts[-2]}/{case.path.name}: {said.policy} decides, not {case.expected.policy}"
    yield from _few_denials(known)
    yield from _not_needed(folder, found, known)


def _unformatted(folder: Path) -> Iterator[str]:
    for file in sorted(folder.glob("*.cedar")):
        text = file.read_text(encoding="utf-8")
        try:
            if cedarpy.format_policies(text) != text:
                yield f"{file.name}: not as Cedar formats it"
        except ValueError:
            yield f"{file.name}: Cedar cannot read it"


def _faults_of(rule: Rule) -> Iterator[str]:
    if not rule.id:
        yield f"{rule.file}: a policy without an @id"
    if not rule.sentence[:1].isupper() or not rule.sentence.endswith("."):
        yield f"{rule.file}: {rule.id} does not stand under a sentence"
    if (rule.effect == "forbid") != bool(rule.refusal):
        yield f"{rule.file}: {rule.id}: a forbid says in @refusal what the person reads, a permit has none"


def _few_denials(known: tuple[Case, ...]) -> Iterator[str]:
    allowed = Counter(case.verb for case in known if case.expected.allowed)
    denied = Counter(case.verb for case in known if not case.expected.allowed)
    for verb in sorted({*allowed, *denied}):
        if not denied[verb] >= allowed[verb] >= 1:
            yield f"cases/{verb}: {allowed[verb]} that are allowed, {denied[verb]} that are denied"


def _not_needed(folder: Path, found: tuple[Rule, ...], known: tuple[Case, ...]) -> Iterator[str]:
    """Take each policy away in turn: some case must notice."""
    schema = (folder / SCHEMA_FILE).read_text(encoding="utf-8")
    for rule in found:
        fewer = PolicyDecisionPoint("".join(other.text for other in found if other is not rule), schema)
        if next(failing(fewer, known), None) is None:
            yield f"{rule.file}: no case notices that {rule.id} is gone"
