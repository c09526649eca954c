"""The law of consent: at equal specificity an objection beats a consent, and the more specific beats the general."""

import json
from itertools import combinations, product
from pathlib import Path

import pytest

from beeldpas.policy.decision import Part, PolicyDecisionPoint, Question

FOLDER = Path(__file__).parents[2] / "policies"
CASE = json.loads((FOLDER / "cases/redeem_share/ALLOW/a_verified_provider_redeems_a_fresh_share.json").read_text())
LEVELS = ("organisation", "anyone")  # the more specific first
SETS = [list(some) for size in range(3) for some in combinations(LEVELS, size)]


def law(consents: list[str], objections: list[str]) -> bool:
    """The first level at which the patient said anything decides; there, an objection wins."""
    for level in LEVELS:
        if level in objections:
            return False
        if level in consents:
            return True
    return False


@pytest.mark.parametrize(("consents", "objections"), list(product(SETS, SETS)))
def test_the_policies_decide_as_the_law_says(consents: list[str], objections: list[str]) -> None:
    subject, resource = (
        Part(CASE[key]["type"], CASE[key]["id"], CASE[key]["properties"]) for key in ("subject", "resource")
    )
    said = {"pin": "right", "consents": consents, "objections": objections}
    decision = PolicyDecisionPoint.load(FOLDER).decide(Question(subject, "redeem_share", resource, said))
    assert decision.allowed == law(consents, objections)
