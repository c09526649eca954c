"""docs/states.md tells of every state that a walk stops at, and of none that has no text in both languages."""

import re

import pytest
from tests.browser.pages import WALKS
from tests.house.tree import ROOT

from beeldpas.portal.words.catalogue import load_translators

PAGE = (ROOT / "docs" / "states.md").read_text(encoding="utf-8")
HERE, _, LATER = PAGE.partition("## Not here yet")
ROWS = dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", HERE, re.MULTILINE))
SPOKEN = load_translators(ROOT / "frontend" / "locales")
WALKED = {stop.state: (walk.name, stop.name) for walk in WALKS for stop in walk.stops if stop.state}


@pytest.mark.parametrize("language", SPOKEN)
def test_every_state_that_can_be_seen_has_its_words(language):
    own = {key for key, how in ROWS.items() if how.startswith("Own words")}
    assert [key for key in ROWS if key not in own and not SPOKEN[language].knows(f"state.{key}.title")] == []


def test_what_the_page_calls_walked_is_walked():
    told = {key: how.removeprefix("Walked: ") for key, how in ROWS.items() if how.startswith("Walked: ")}
    stops = {f"{walk.name} → {stop.name}": stop.state for walk in WALKS for stop in walk.stops}
    assert {key for key, where in told.items() if stops.get(where) != key} == set()
    assert told.keys() == {key for key in WALKED if key in ROWS}


def test_no_state_stands_in_both_lists():
    assert not ROWS.keys() & set(re.findall(r"^\| `(\w+)` \|", LATER, re.MULTILINE))
