"""How long the policies take to answer one question, over every case that there is."""

from pathlib import Path
from time import perf_counter

from tests.bench.figures import Figure
from tests.house.tree import ROOT

from beeldpas.policy.cases import cases
from beeldpas.policy.decision import PolicyDecisionPoint

_ROUNDS = 15


def policy_decision_ms(_: Path) -> list[Figure]:
    """Ask every case in turn, again and again: milliseconds for one decision, and for the slowest case."""
    folder = ROOT / "policies"
    policies, known = PolicyDecisionPoint.load(folder), cases(folder)
    rounds, slowest = [], []
    for _round in range(_ROUNDS):
        took = []
        for case in known:
            begun = perf_counter()
            policies.decide(case.question)
            took.append((perf_counter() - begun) * 1000)
        rounds.append(sum(took) / len(took))
        slowest.append(max(took))
    return [Figure("policy_decision_ms", "ms", rounds), Figure("policy_decision_slowest_ms", "ms", slowest)]
