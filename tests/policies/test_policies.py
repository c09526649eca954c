"""What the policies say to every case, that they are well written, and that each of them is needed."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import cedarpy
import pytest

from beeldpas.domain.actions import Action
from beeldpas.domain.errors import Malformed
from beeldpas.policy.decision import SCHEMA_FILE, UNREADABLE, Decision, Part, PolicyDecisionPoint, Question

FOLDER = Path(__file__).parents[2] / "policies"
FILES = sorted(FOLDER.glob("*.cedar"))
CASES = sorted((FOLDER / "cases").glob("*/*/*.json"))
SCHEMA = (FOLDER / SCHEMA_FILE).read_text()
POLICY = re.compile(r"((?:^//[^\n]*\n)+)((?:^@[^\n]*\n)+)^(?:permit|forbid) \(.*?;\n", re.MULTILINE | re.DOTALL)


def question(case: dict) -> Question:
    subject, resource = (
        Part(case[key]["type"], case[key]["id"], case[key]["properties"]) for key in ("subject", "resource")
    )
    return Question(subject, case["action"]["name"], resource, case["context"])


def expected(path: Path) -> Decision:
    case = json.loads(path.read_text())
    return Decision(path.parent.name == "ALLOW", case["decided_by"], case["refusal"])


@pytest.fixture(scope="module")
def policies() -> PolicyDecisionPoint:
    return PolicyDecisionPoint.load(FOLDER)


@pytest.mark.parametrize("path", CASES, ids=lambda path: "/".join((*path.parts[-3:-1], path.stem)))
def test_case(path: Path, policies: PolicyDecisionPoint) -> None:
    case = json.loads(path.read_text())
    assert case["action"]["name"] == path.parts[-3]
    assert policies.decide(question(case)) == expected(path)


def test_policies_are_formatted_as_cedar_formats_them() -> None:
    assert [path.name for path in FILES if cedarpy.format_policies(path.read_text()) != path.read_text()] == []


def test_policies_fit_the_schema() -> None:
    everything = "\n".join(path.read_text() for path in FILES)
    assert cedarpy.validate_policies(everything, SCHEMA).validation_passed


def test_every_policy_stands_under_one_sentence_and_has_an_id(policies: PolicyDecisionPoint) -> None:
    found = [match for path in FILES for match in POLICY.finditer(path.read_text())]
    assert len(found) == len(policies.ids)
    for match in found:
        sentence = " ".join(line.removeprefix("//").strip() for line in match[1].splitlines())
        assert re.fullmatch(r"[A-Z].*[^.]\.", sentence), match[0]
        assert '@id("' in match[2], match[0]
        assert ("forbid (" in match[0]) == ("@refusal(" in match[2]), match[0]


@pytest.mark.parametrize("verb", Action)
def test_every_verb_has_more_denials_than_permits_and_both(verb: Action) -> None:
    allowed, denied = (len(list((FOLDER / "cases" / verb / kind).glob("*.json"))) for kind in ("ALLOW", "DENY"))
    assert denied >= allowed >= 1
    assert {path.parts[-3] for path in CASES} == {*Action}


def test_there_are_more_denials_than_permits() -> None:
    allowed = [path for path in CASES if path.parent.name == "ALLOW"]
    assert len(allowed) < len(CASES) / 2


def mutants() -> Iterator[tuple[str, str]]:
    """The policies without one of them, for each of them."""
    everything = "\n".join(path.read_text() for path in FILES)
    for match in POLICY.finditer(everything):
        name = re.search(r'@id\("(.*?)"\)', match[2])
        yield name[1] if name else "", everything.replace(match[0], "")


@pytest.mark.parametrize(("name", "without"), list(mutants()), ids=[name for name, _ in mutants()])
def test_every_policy_is_needed(name: str, without: str) -> None:
    fewer = PolicyDecisionPoint(without, SCHEMA)
    assert name not in fewer.ids
    assert any(fewer.decide(question(json.loads(path.read_text()))) != expected(path) for path in CASES)


def test_a_question_that_does_not_fit_is_refused(policies: PolicyDecisionPoint) -> None:
    anna = Part("Patient", "anna", {"receiver": "patient:anna"})
    history = Part("History", "anna", {"owner": {"type": "Patient", "id": "anna"}})
    assert policies.decide(Question(anna, "view_timeline", history)).allowed
    for odd in (
        Question(anna, "become_admin", history),
        Question(Part("Root", "anna"), "view_timeline", history),
        Question(Part("Patient", "anna", {"receiver": 7}), "view_timeline", history),
        Question(Part("Patient", "anna", {"receiver": {1, 2}}), "view_timeline", history),
        Question(anna, "view_timeline", Part("History", "anna", {})),
        Question(anna, "view_timeline", history, {"surprise": True}),
    ):
        assert policies.decide(odd) == Decision(False, UNREADABLE)


@pytest.mark.parametrize(
    "text",
    [
        "permit (principal, action, resource",
        "permit (principal, action, resource);",
        '@id("a")\npermit (principal, action == Action::"fly", resource);',
    ],
    ids=["broken", "without an id", "outside the schema"],
)
def test_policies_that_are_not_in_order_do_not_load(text: str) -> None:
    with pytest.raises(Malformed):
        PolicyDecisionPoint(text, SCHEMA)
