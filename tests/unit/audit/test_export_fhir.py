"""Every kind of event is a FHIR R4 AuditEvent, and what names a BALP profile has what the profile asks for."""

from base64 import b64decode
from collections.abc import Mapping
from typing import Any

import pytest
from fhir.resources.R4B.auditevent import AuditEvent
from tests.log_records import PATIENT, STUDIES, record_of

from beeldpas.audit.events import CATALOGUE, Reader, Use
from beeldpas.audit.export_fhir import audit_event
from beeldpas.audit.export_fields import Person
from beeldpas.domain.actions import Action

DCM = "http://dicom.nema.org/resources/ontology/DCM#"
TYPE = "http://terminology.hl7.org/CodeSystem/audit-entity-type#"
ROLE = "http://terminology.hl7.org/CodeSystem/object-role#"
USER = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType#IRCP"
ORGANISATION = "http://terminology.hl7.org/CodeSystem/v3-RoleClass#PROV"
AUTHORIZER = "http://terminology.hl7.org/CodeSystem/extra-security-role-type#authserver"
CONSENT = "http://hl7.org/fhir/resource-types#Consent"
REST = "http://terminology.hl7.org/CodeSystem/audit-event-type#rest"
INTERACTION = "http://hl7.org/fhir/restful-interaction#"
DISCLOSE = "http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle#disclose"
BALP = "https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit."

# type, one subtype, action, agents (with a network or without), entities; as the profiles of BALP 1.1.3 have them
PATTERNS: Mapping[str, tuple[str, str, str, Mapping[str, bool], frozenset[str]]] = {
    "Query": (
        REST,
        INTERACTION + "search",
        "E",
        {DCM + "110153": True, DCM + "110152": True},
        frozenset({TYPE + "2"}),
    ),
    "Read": (REST, INTERACTION + "read", "R", {DCM + "110152": True, DCM + "110153": True}, frozenset({TYPE + "2"})),
    "PrivacyDisclosure.Source": (
        DCM + "110106",
        DISCLOSE,
        "R",
        {DCM + "110153": True, DCM + "110152": True},
        frozenset({TYPE + "1", TYPE + "2"}),
    ),
    "AuthZconsent": (
        DCM + "110113",
        "https://profiles.ihe.net/ITI/BALP/CodeSystem/AuthZsubType#AuthZ-Consent",
        "E",
        {DCM + "110150": True, USER: False, ORGANISATION: False, AUTHORIZER: False},
        frozenset({TYPE + "1", CONSENT}),
    ),
}


def coded(coding: Mapping[str, str]) -> str:
    return f"{coding['system']}#{coding['code']}"


def agents(event: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    return {coded(agent["type"]["coding"][0]): agent for agent in event["agent"]}


@pytest.mark.parametrize("reader", [Reader.SECURITY, Reader.HOSPITAL])
@pytest.mark.parametrize("outcome", ["done", "refused"])
@pytest.mark.parametrize("kind", CATALOGUE)
def test_every_kind_is_a_valid_audit_event(kind: str, outcome: str, reader: Reader) -> None:
    record = record_of(kind, reader, outcome)
    if not record:
        return  # nothing of it is for this reader
    event = audit_event(record)
    AuditEvent.model_validate(event)
    assert event["outcome"] == ("0" if outcome == "done" else "8")
    assert sum(agent["requestor"] for agent in event["agent"]) == 1
    assert all("who" in agent and "type" in agent for agent in event["agent"])


@pytest.mark.parametrize("kind", CATALOGUE)
def test_what_names_a_profile_has_what_the_profile_asks_for(kind: str) -> None:
    event = audit_event(record_of(kind))
    for profile in event.get("meta", {}).get("profile", ()):
        name = profile.removeprefix(BALP)
        type_, subtype, action, parties, things = PATTERNS[name.removeprefix("Patient")]
        found = agents(event)
        assert (coded(event["type"]), event["action"]) == (type_, action)
        assert subtype in map(coded, event["subtype"])
        assert {party: "network" in found[party] for party in parties} == dict(parties)
        assert len(found) == len(event["agent"])  # one of each
        assert things <= {coded(entity["type"]) for entity in event["entity"]}
        if name.startswith("Patient"):
            patient = next(entity for entity in event["entity"] if coded(entity["type"]) == TYPE + "1")
            assert coded(patient["role"]) == ROLE + "1"
            assert patient["what"]["identifier"]["value"] == PATIENT
        assert "network" not in found.get(USER, {}), "a user is no machine"


def test_every_pattern_is_used() -> None:
    named = {one for kind in CATALOGUE for one in audit_event(record_of(kind)).get("meta", {}).get("profile", ())}
    names = {name.removeprefix(BALP) for name in named}
    assert names == {"PatientQuery", "PatientRead", "PrivacyDisclosure.Source", "AuthZconsent"}


def test_a_question_goes_to_the_portal_and_images_come_from_the_hospital() -> None:
    question, given = audit_event(record_of(Action.VIEW_TIMELINE)), audit_event(record_of(Use.DOWNLOAD))
    program = {"value": "portal", "system": "urn:beeldpas:program"}
    assert agents(question)[DCM + "110152"]["who"]["identifier"] == program
    assert agents(question)[DCM + "110153"]["network"] == {"address": "198.51.100.7", "type": "2"}
    assert agents(given)[DCM + "110153"]["who"] == given["source"]["observer"]
    assert agents(given)[DCM + "110152"]["network"] == {"address": "198.51.100.7", "type": "2"}


def test_a_question_is_written_with_the_pseudonym() -> None:
    event = audit_event(record_of(Action.VIEW_TIMELINE))
    query = next(entity["query"] for entity in event["entity"] if "query" in entity)
    assert b64decode(query).decode() == f"view_timeline?patient={PATIENT}"


def test_a_hospital_sees_its_studies_and_its_own_number_of_the_patient_and_a_security_officer_neither() -> None:
    at_the_hospital = audit_event(record_of(Use.DOWNLOAD, Reader.HOSPITAL), Person("NOORD", "4711"))
    whats = [entity["what"]["identifier"]["value"] for entity in at_the_hospital["entity"]]
    assert whats == ["4711", *(f"urn:oid:{uid}" for uid in STUDIES)]
    assert "urn:oid" not in str(audit_event(record_of(Use.DOWNLOAD, Reader.SECURITY)))


def test_a_token_is_named_by_its_id_and_the_deciding_policy_by_its_name() -> None:
    event = audit_event(record_of(Action.EXCHANGE_CODE))
    assert agents(event)[USER]["policy"] == [
        "urn:beeldpas:policy:code-and-pin-open-a-share",
        "urn:ietf:params:oauth:jti:3f2c0d1e",
    ]
    assert any(coded(entity["type"]).endswith("UserOauthAgent") for entity in event["entity"])


def test_a_refusal_claims_no_pattern_for_what_succeeded() -> None:
    refused = audit_event(record_of(Action.VIEW_TIMELINE, outcome="refused"))
    assert "meta" not in refused
    assert refused["outcomeDesc"] == "share_locked"
