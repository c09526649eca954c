"""Who may do what: the policies answer, and what they do not permit is refused.

A question has the four parts of OpenID AuthZEN: subject, action, resource, context. Cedar decides; an answer with
errors, or none at all (a question that does not fit the schema), is a refusal. The deciding policy is known by its
`@id`; a forbid carries in `@refusal` the key of the state that a person gets to read.
*Source:* OpenID AuthZEN Authorization API 1.0 §5; Cedar policy language reference.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import cedarpy
from cedarpy import pst

from beeldpas.domain.errors import Malformed

SCHEMA_FILE = "beeldpas.cedarschema"
NOTHING_PERMITS = "nothing-permits-it"
UNREADABLE = "question-not-understood"


@dataclass(frozen=True, slots=True)
class Part:
    """A subject or resource: its type in the schema, its id, and what the policies may know of it."""

    type: str
    id: str
    properties: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Question:
    """May this subject do this to that resource, under these circumstances?"""

    subject: Part
    action: str
    resource: Part
    context: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer: `policy` is the `@id` that decided, `refusal` the state key of the forbid ("" without one)."""

    allowed: bool
    policy: str
    refusal: str = ""


class PolicyDecisionPoint:
    """The policies of one folder, parsed once."""

    def __init__(self, policies: str, schema: str) -> None:
        """Raises: Malformed("policies") when they cannot be read or do not fit the schema."""
        try:
            self._schema = cedarpy.Schema.from_str(schema)
            self._policies = cedarpy.PolicySet.from_str(policies)
            faults = cedarpy.validate_policies(policies, schema)
        except ValueError as error:
            raise Malformed("policies", {"where": str(error)}) from error
        if not faults.validation_passed:
            raise Malformed("policies", {"where": "; ".join(str(fault) for fault in faults.errors)})
        self._annotations = _annotations(self._policies.to_pst())

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read all `*.cedar` of a folder, by name, with its schema. Raises: OSError, Malformed("policies")."""
        policies = "\n".join(path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.cedar")))
        return cls(policies, (folder / SCHEMA_FILE).read_text(encoding="utf-8"))

    @property
    def ids(self) -> tuple[str, ...]:
        """The `@id` of every policy, in the order in which they were read."""
        return tuple(annotations["id"] for annotations in self._annotations)

    def decide(self, question: Question) -> Decision:
        """Answer a question; of several forbids that apply, the one that was written first decides."""
        request = {
            "principal": _name(question.subject),
            "action": {"type": "Action", "id": question.action},
            "resource": _name(question.resource),
            "context": dict(question.context),
        }
        entities = [_entity(question.subject), _entity(question.resource)]
        try:
            answer = cedarpy.is_authorized(request, self._policies, entities, self._schema)
        except (ValueError, TypeError):
            return Decision(False, UNREADABLE)
        if answer.diagnostics.errors or answer.decision == cedarpy.Decision.NoDecision:
            return Decision(False, UNREADABLE)
        decisive = sorted(_number(name) for name in answer.diagnostics.reasons)
        if not decisive:
            return Decision(False, NOTHING_PERMITS)
        annotations = self._annotations[decisive[0]]
        return Decision(answer.allowed, annotations["id"], annotations.get("refusal", ""))


def _annotations(policies: pst.PolicySet) -> tuple[Mapping[str, str], ...]:
    """Return the annotations of each policy in the order of the text; every policy must have an `@id` of its own."""
    by_number = sorted(policies.static_policies.values(), key=lambda policy: _number(policy.id))
    annotations = tuple(dict(policy.annotations) for policy in by_number)
    names = [notes.get("id", "") for notes in annotations]
    if "" in names or len(set(names)) != len(names):
        raise Malformed("policies", {"where": "every policy needs an @id of its own"})
    return annotations


def _number(policy_id: str) -> int:
    """Cedar calls the policies of a text policy0, policy1, …"""
    return int(policy_id.removeprefix("policy"))


def _name(part: Part) -> dict[str, str]:
    return {"type": part.type, "id": part.id}


def _entity(part: Part) -> dict[str, Any]:
    return {"uid": _name(part), "attrs": dict(part.properties), "parents": []}
