"""The page of events is made from the catalogue, and whatever is written into a log is in the catalogue."""

import ast
from collections.abc import Iterator
from enum import StrEnum

import pytest
from tests.house.tree import ROOT, modules

from beeldpas.audit import events
from beeldpas.audit.document import document
from beeldpas.audit.events import CATALOGUE, Reader, Shape
from beeldpas.domain.actions import Action

KINDS = [
    one for one in vars(events).values() if isinstance(one, type) and issubclass(one, StrEnum) and one is not StrEnum
]
NOT_KINDS = {Reader, Shape}
# Where events are made, and how the kind is said there; a new place is one to think about.
MAKERS = {
    "audit/handing_on.py": "Action.EXPORT_LOG",
    "audit/starting.py": "kind",
    "gateway/releasing.py": "what",
    "gateway/starting.py": "what",
    "gateway/preview.py": "Action.PREVIEW_SHARE",
    "gateway/uses.py": "kind",
    "portal/actions/frame.py": "deed.action",
    "portal/actions/record_use.py": "report.use",
    "registry/questions.py": "Lookup.SEARCH",
}


def test_the_page_is_what_the_catalogue_says() -> None:
    page = (ROOT / "docs" / "log.md").read_text()
    assert page == document(), "python -m beeldpas.audit.document > docs/log.md"


def test_everything_that_can_be_logged_is_in_the_catalogue_and_nothing_else() -> None:
    named = {str(kind) for one in KINDS if one not in NOT_KINDS for kind in one} | {*map(str, Action)}
    assert named == {*map(str, CATALOGUE)}


@pytest.mark.parametrize("kind", CATALOGUE)
def test_every_kind_is_readable_by_security_and_its_fields_are_known(kind: str) -> None:
    entry = CATALOGUE[kind]
    assert entry.readable.keys() == {*Reader}
    assert entry.readable[Reader.SECURITY]
    assert all(fields <= CATALOGUE[kind].details | set(_FIELDS) for fields in entry.readable.values())


_FIELDS = [
    "event_id",
    "at",
    "kind",
    "outcome",
    "reason",
    "policy",
    "source",
    "patient",
    "on_behalf",
    "purpose",
    "basis",
    "share_id",
    "reference",
    "actor_kind",
    "actor",
    "name",
    "organisation",
    "ura",
    "verified",
    "roles",
    "address",
]


def made() -> Iterator[tuple[str, ast.Call]]:
    """Every place of the programs that makes an event."""
    for module in modules():
        if module.name.startswith("service/beeldpas/") and "/demo/" not in module.name:
            for node in ast.walk(module.tree):
                if (
                    isinstance(node, ast.Call)
                    and isinstance(node.func, ast.Name)
                    and node.func.id == "Event"
                    and (node.args or node.keywords)
                ):
                    yield module.name.removeprefix("service/beeldpas/"), node


def test_every_place_that_makes_an_event_says_a_kind_of_the_catalogue() -> None:
    for name, call in made():
        said = next((ast.unparse(one.value) for one in call.keywords if one.arg == "kind"), None)
        said = said or ast.unparse(call.args[2])
        enum, _, member = said.rpartition(".")
        named = {one.__name__: one for one in [*KINDS, Action]}
        if enum in named:
            assert named[enum][member] in CATALOGUE, name
        else:
            assert name in MAKERS or said in {"kind", "what"}, f"{name}: of what kind is {said}?"
