"""What the policies say to every case, that they are well written, and that each of them is needed."""

import shutil
from pathlib import Path

import pytest

from beeldpas.domain.actions import Action
from beeldpas.domain.errors import Malformed
from beeldpas.policy.cases import Case, cases, failing
from beeldpas.policy.checking import faults
from beeldpas.policy.decision import SCHEMA_FILE, UNREADABLE, Decision, Part, PolicyDecisionPoint, Question
from beeldpas.policy.document import document
from beeldpas.policy.rules import Rule, rules

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "policies"
CASES = cases(FOLDER)
RULES = rules(FOLDER)
SCHEMA = (FOLDER / SCHEMA_FILE).read_text()
TEXT = "".join(rule.text for rule in RULES)


@pytest.fixture(scope="module")
def policies() -> PolicyDecisionPoint:
    return PolicyDecisionPoint.load(FOLDER)


@pytest.mark.parametrize("case", CASES, ids=lambda case: "/".join((*case.path.parts[-3:-1], case.path.stem)))
def test_case(case: Case, policies: PolicyDecisionPoint) -> None:
    assert list(failing(policies, [case])) == []


def test_everything_is_in_order() -> None:
    assert list(faults(FOLDER)) == []


def test_every_verb_has_cases_and_no_other_word_has() -> None:
    assert {case.verb for case in CASES} == {*Action}
    assert sum(case.expected.allowed for case in CASES) < len(CASES) / 2


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_policy_is_needed(rule: Rule) -> None:
    fewer = PolicyDecisionPoint(TEXT.replace(rule.text, ""), SCHEMA)
    assert rule.id not in fewer.ids
    assert list(failing(fewer, CASES)) != []


def test_the_page_of_policies_is_what_the_policies_say() -> None:
    assert (ROOT / "docs" / "policies.md").read_text() == document(FOLDER), (
        "beeldpas policies document policies > docs/policies.md"
    )


FAULTS = {
    "a case that is decided otherwise": ("patient.cedar", "context.days <= 30 }", "context.days <= 31 }", "decides"),
    "a policy that nobody needs": (
        "helpdesk.cedar",
        "// The helpdesk finds a share",
        '// Nobody does nothing.\n@id("nothing")\n@refusal("x")\nforbid (\n  principal is Provider,\n'
        '  action == Action::"find_share",\n  resource\n)\n'
        'when { principal.receiver == "nobody" };\n\n// The helpdesk finds a share',
        "no case notices that nothing is gone",
    ),
    "a forbid that does not say what a person reads": ("endings.cedar", '@refusal("share_locked")\n', "", "@refusal"),
    "a policy without a sentence": ("gateway.cedar", "// A hospital's gateway gets", "// gets", "under a sentence"),
    "not as Cedar writes it": (
        "gateway.cedar",
        "  principal is Gateway,",
        "      principal is Gateway,",
        "formats it",
    ),
    "outside the schema": ("helpdesk.cedar", "context.why", "context.reason", "do not load"),
}


@pytest.mark.parametrize(("file", "was", "becomes", "said"), FAULTS.values(), ids=[*FAULTS])
def test_the_check_says_what_is_wrong(tmp_path: Path, file: str, was: str, becomes: str, said: str) -> None:
    folder = Path(shutil.copytree(FOLDER, tmp_path / "policies"))
    text = (folder / file).read_text()
    assert was in text
    (folder / file).write_text(text.replace(was, becomes, 1))
    assert any(said in fault for fault in faults(folder)), list(faults(folder))


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
