"""What a sign-in says of the person for whom somebody signed in, and what is not believed of it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from tests.cast import ANNA, BRAM, CEES
from tests.portal_doors import SUBSTANTIAL, digid_says

from beeldpas.domain.errors import Refused
from beeldpas.domain.representation import Born, Relation
from beeldpas.portal.identity.digid import signed_in
from beeldpas.portal.identity.relying_party import Evidence

TODAY = date(2026, 11, 24)
ANNAS, BRAMS = ANNA.bsn.reveal(), BRAM.bsn.reveal()
NOOR = {
    "sub": "4Yg8u72NxR",
    "iss": "https://bvd.example",
    "sub_id_type": "urn:nl-eid-gdi:1.0:id:pseudonym",
    "bsn": BRAMS,
    "relation": "parent",
    "birthdate": "2018-05-03",
    "given_name": "Noor",
}


def says(**changes: Any) -> Evidence:
    """What the front says when Anna signs in for Noor, with some of it changed; None leaves it away."""
    return digid_says(
        ANNAS, represents={name: value for name, value in (NOOR | changes).items() if value is not None}
    )


def test_a_parent_signs_in_for_a_child() -> None:
    found = signed_in(says(), "substantial", TODAY)
    assert found.bsn == ANNA.bsn
    child = found.represented
    assert child is not None
    assert (child.bsn, child.relation, child.name) == (BRAM.bsn, Relation.PARENT, "Noor")
    assert child.born == Born.on(date(2018, 5, 3))


def test_whoever_signs_in_for_themselves_represents_nobody() -> None:
    assert signed_in(digid_says(ANNAS), "substantial", TODAY).represented is None


def test_a_mandate_counts_with_an_age_instead_of_a_birth_date() -> None:
    found = signed_in(says(relation="mandate", birthdate=None, age=81, given_name=None), "substantial", TODAY)
    assert found.represented is not None
    assert (found.represented.relation, found.represented.name) == (Relation.MANDATE, "")


def test_the_number_may_stand_as_the_subject_itself() -> None:
    evidence = says(bsn=None, sub=BRAMS, sub_id_type="urn:nl-eid-gdi:1.0:id:BSN")
    represented = signed_in(evidence, "substantial", TODAY).represented
    assert represented is not None
    assert represented.bsn == BRAM.bsn


def test_id_token_and_userinfo_may_both_name_the_person_and_userinfo_tells_more() -> None:
    short = {name: NOOR[name] for name in ("sub", "iss", "sub_id_type")}
    evidence = Evidence("x", {"acr": SUBSTANTIAL, "represents": short}, {"bsn": ANNAS, "represents": NOOR})
    assert signed_in(evidence, "substantial", TODAY).represented is not None


@pytest.mark.parametrize(
    ("evidence", "reason"),
    [
        (says(relation="guardian"), "rep_unknown"),
        (says(relation=None), "rep_unknown"),
        (says(relation=["parent"]), "rep_unknown"),
        (says(bsn=None), "rep_unknown"),
        (says(bsn="123456789"), "rep_unknown"),
        (says(bsn=int(BRAMS)), "rep_unknown"),
        (says(bsn=CEES.bsn.reveal(), sub=BRAMS, sub_id_type="urn:nl-eid-gdi:1.0:id:BSN"), "rep_unknown"),
        (says(iss=None), "rep_unknown"),
        (says(sub=""), "rep_unknown"),
        (digid_says(ANNAS, represents=None), "rep_unknown"),
        (digid_says(ANNAS, represents=[NOOR]), "rep_unknown"),
        (digid_says(ANNAS, represents={}), "rep_unknown"),
        (says(represents={"sub": "deeper", "iss": "https://bvd.example"}), "rep_chain"),
        (digid_says(ANNAS, represents={**NOOR, "represents": None}), "rep_chain"),
        (says(bsn=ANNAS), "rep_self"),
        (says(birthdate=None), "rep_age_unknown"),
        (says(birthdate="3 mei 2018"), "rep_age_unknown"),
        (says(birthdate="0000-05-03"), "rep_age_unknown"),
        (says(birthdate="2014"), "rep_age_unknown"),
        (says(birthdate="2027-01-01"), "rep_age_unknown"),
        (says(birthdate=None, age="8"), "rep_age_unknown"),
        (says(birthdate=None, age=True), "rep_age_unknown"),
        (says(birthdate=None, age=-1), "rep_age_unknown"),
        (says(birthdate="2014-11-24"), "rep_child_12_15"),
        (says(birthdate="2010-11-24"), "rep_child_16"),
        (says(relation="mandate"), "rep_mandate_too_young"),
        (says(relation="mandate", birthdate="2010-11-25"), "rep_mandate_too_young"),
    ],
)
def test_whoever_may_not_look_for_somebody_is_told_why(evidence: Evidence, reason: str) -> None:
    with pytest.raises(Refused) as refusal:
        signed_in(evidence, "substantial", TODAY)
    assert refusal.value.reason == reason


def test_two_answers_that_name_different_people_are_not_believed() -> None:
    other = {**NOOR, "sub": "somebody-else"}
    evidence = Evidence("x", {"acr": SUBSTANTIAL, "represents": other}, {"bsn": ANNAS, "represents": NOOR})
    with pytest.raises(Refused):
        signed_in(evidence, "substantial", TODAY)


@pytest.mark.parametrize("name", ["x" * 41, "Noor\x00", 7, None, {"nl": "Noor"}])
def test_a_first_name_that_is_none_is_left_away(name: object) -> None:
    represented = signed_in(says(given_name=name), "substantial", TODAY).represented
    assert represented is not None
    assert represented.name == ""


def test_the_level_is_looked_at_before_anything_else() -> None:
    evidence = digid_says(ANNAS, "http://eidas.europa.eu/LoA/low", represents=NOOR)
    with pytest.raises(Refused) as refusal:
        signed_in(evidence, "substantial", TODAY)
    assert refusal.value.reason == "login_level_too_low"
