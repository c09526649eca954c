"""One verb, one name: everything that must carry it; what is missing is listed by name."""

import ast
import re

from tests.house.tree import ROOT, SERVICE, files

from beeldpas.audit.events import CATALOGUE
from beeldpas.domain.actions import Action

VERBS = set(Action)
POLICIES = ROOT / "policies"
CASES = POLICIES / "cases"


def test_every_verb_is_a_file_with_a_function_of_its_name():
    there = {file.stem: file for file in (SERVICE / "portal" / "actions").glob("*.py") if file.stem in VERBS}
    assert VERBS - there.keys() == set()
    functions = {verb: _functions(file.read_text()) for verb, file in there.items()}
    assert {verb for verb, names in functions.items() if verb not in names} == set()


def test_the_log_knows_every_verb():
    assert VERBS - CATALOGUE.keys() == set()


def test_the_policies_know_every_verb_and_no_other():
    schema = (POLICIES / "beeldpas.cedarschema").read_text()
    declared = re.findall(r"(?m)^action ([\w, ]+) appliesTo", schema)
    assert {name.strip() for names in declared for name in names.split(",")} == VERBS
    cedar = "\n".join(file.read_text() for file in POLICIES.glob("*.cedar"))
    assert set(re.findall(r'Action::"(\w+)"', cedar)) == VERBS


def test_every_verb_has_cases_that_are_allowed_and_no_fewer_that_are_not():
    counts = {verb: [len(list((CASES / verb / said).glob("*.json"))) for said in ("ALLOW", "DENY")] for verb in VERBS}
    assert {verb: count for verb, count in counts.items() if not 0 < count[0] <= count[1]} == {}
    assert {folder.name for folder in CASES.iterdir()} == VERBS


def test_every_verb_has_a_test_of_its_name():
    tested = {file.stem.removeprefix("test_") for file in files() if file.match("tests/**/test_*.py")}
    assert VERBS - tested == set()


def _functions(text: str) -> set[str]:
    return {node.name for node in ast.parse(text).body if isinstance(node, ast.AsyncFunctionDef)}
