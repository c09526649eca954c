"""For whom a visit looks, as the session keeps it and as a page says it; what policies, grants and log are told."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from tests.house.tree import ROOT

from beeldpas.domain.bsn import BSN
from beeldpas.domain.representation import Born, Relation
from beeldpas.portal.actions.asker import Asker, relation_in
from beeldpas.portal.identity.representation import Represented
from beeldpas.portal.patient.standing_in import StandingIn
from beeldpas.portal.words.catalogue import load_translators
from beeldpas.portal.words.voice import Voice

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
NOOR = StandingIn("ps1.mother", Relation.PARENT, Born.on(date(2018, 5, 3)), "Noor")
VOICES = {language: Voice(t) for language, t in load_translators(ROOT / "frontend" / "locales").items()}


def mother(**changes: str) -> Asker:
    facts = {"acting": "ps1.mother", "relation": "parent", "age_class": "under_12", **changes}
    return Asker("patient", "ps1.noor", "", "", None, True, frozenset(), "visit", "nl", **facts)  # type: ignore[arg-type]


def test_a_session_keeps_for_whom_and_of_the_visitor_a_pseudonym() -> None:
    begun = StandingIn.begun(Represented(BSN.parse("999990123"), NOOR.relation, NOOR.born, NOOR.name), NOOR.acting)
    assert begun == NOOR
    assert StandingIn.of(begun.as_values()) == NOOR
    assert "999990123" not in str(begun.as_values())
    assert StandingIn.of({"bsn": "999990123"}) is None


@pytest.mark.parametrize(
    ("born", "name", "nl", "en"),
    [
        (Born.on(date(2018, 5, 3)), "Noor", "Noor, geboren in mei 2018", "Noor, born in May 2018"),
        (Born.on(date(2018, 5, 3)), "", "geboren in mei 2018", "born in May 2018"),
        (Born.in_year(2018), "Noor", "Noor, geboren in 2018", "Noor, born in 2018"),
        (Born.aged(8, NOW.date()), "", "8 jaar", "8 years old"),
        (Born.aged(1, NOW.date()), "Noor", "Noor, 1 jaar", "Noor, 1 year old"),
    ],
)
def test_a_page_tells_two_children_apart_with_what_the_service_gave(born: Born, name: str, nl: str, en: str) -> None:
    standing_in = StandingIn("a", Relation.PARENT, born, name)
    assert standing_in.words(VOICES["nl"], NOW) == f"U kijkt voor uw kind: {nl}"
    assert standing_in.words(VOICES["en"], NOW) == f"You are looking for your child: {en}"


def test_a_visit_for_a_child_ends_with_the_midnight_in_the_netherlands_that_begins_its_twelfth_birthday() -> None:
    assert NOOR.ends_at() == datetime(2030, 5, 2, 22, 0, tzinfo=UTC)
    mandate = StandingIn("a", Relation.MANDATE, Born.on(date(1952, 3, 8)), "")
    assert mandate.ends_at() is None


def test_the_age_class_is_that_of_the_dutch_day() -> None:
    eve = StandingIn("a", Relation.PARENT, Born.on(date(2014, 11, 25)), "")
    assert eve.age_class(datetime(2026, 11, 24, 22, 59, tzinfo=UTC)) == "under_12"
    assert eve.age_class(datetime(2026, 11, 24, 23, 0, tzinfo=UTC)) == "12_to_15"
    assert StandingIn("a", Relation.PARENT, Born.in_year(2014), "").age_class(NOW) == "unknown"


def test_policies_hear_the_ground_and_the_age_and_only_of_who_stands_in() -> None:
    facts = mother().as_subject().properties
    assert (facts["relation"], facts["age"]) == ("parent", "under_12")
    alone = Asker("patient", "ps1.noor", "", "", None, True, frozenset(), "visit", "nl").as_subject().properties
    assert set(alone) == {"receiver"}


def test_grants_of_mother_and_child_are_not_each_others() -> None:
    keys = {
        mother().receiver_key,
        mother(acting="ps1.father").receiver_key,
        mother(relation="mandate").receiver_key,
        Asker("patient", "ps1.noor", "", "", None, True, frozenset(), "visit", "nl").receiver_key,
        Asker("patient", "ps1.mother", "", "", None, True, frozenset(), "visit", "nl").receiver_key,
    }
    assert len(keys) == 5
    assert [relation_in(key) for key in sorted(keys)] == ["mandate", "parent", "parent", "", ""]


def test_the_log_names_who_signed_in_as_the_one_who_acted() -> None:
    assert mother().as_actor().subject == "ps1.mother"
