"""One verb, one name: whoever adds a verb finds here, by name, what is still missing."""

import importlib
import inspect
import re
from pathlib import Path

import pytest

from beeldpas.audit.events import CATALOGUE
from beeldpas.domain.actions import Action

ROOT = Path(__file__).parents[2]
ACTIONS = ROOT / "service" / "beeldpas" / "portal" / "actions"
SCHEMA = (ROOT / "policies" / "beeldpas.cedarschema").read_text()


@pytest.mark.parametrize("verb", Action)
def test_a_verb_has_everything_that_a_verb_has(verb: Action) -> None:
    there = {
        "an action file": (ACTIONS / f"{verb}.py").is_file(),
        "a Cedar action": re.search(rf"^action [^;]*\b{verb}\b", SCHEMA, re.MULTILINE) is not None,
        "an event": verb in CATALOGUE,
        "cases that are allowed": any((ROOT / "policies" / "cases" / verb / "ALLOW").glob("*.json")),
        "cases that are denied": any((ROOT / "policies" / "cases" / verb / "DENY").glob("*.json")),
        "a unit test": (ROOT / "tests" / "unit" / "portal" / "actions" / f"test_{verb}.py").is_file(),
    }
    assert [what for what, is_there in there.items() if not is_there] == []


@pytest.mark.parametrize("verb", Action)
def test_a_verb_is_a_function_of_its_file_that_runs_in_the_frame(verb: Action) -> None:
    module = importlib.import_module(f"beeldpas.portal.actions.{verb}")
    function = getattr(module, verb)
    assert inspect.iscoroutinefunction(function)
    assert next(iter(inspect.signature(function).parameters)) == "house"
    assert f"Action.{verb.name}" in inspect.getsource(module)


def test_there_is_no_action_in_the_schema_that_is_no_verb() -> None:
    named = {
        name for line in re.findall(r"^action ([^{]*?) appliesTo", SCHEMA, re.MULTILINE) for name in line.split(", ")
    }
    assert named == {*Action}
