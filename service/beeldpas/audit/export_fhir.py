"""A record of the access log as a FHIR R4 AuditEvent, in the patterns of IHE BALP.

A profile is named only when the record has everything that the profile asks for: BALP's patterns are for what
succeeded, so a refusal is an AuditEvent without one. What is asked is written in our own words with the pseudonym;
a raw request could hold a citizen service number. *Source:* HL7 FHIR R4 AuditEvent; IHE BALP 1.1.3, profiles Query,
PatientQuery, Read, PatientRead, PrivacyDisclosure.Source and AuthZconsent.
"""

from typing import Any

from beeldpas.audit.events import Shape
from beeldpas.audit.export_fhir_agents import agents, observer
from beeldpas.audit.export_fhir_entities import entities
from beeldpas.audit.export_fields import Person, Record, field, hide_numbers, patient_of
from beeldpas.audit.standard_codes import Code, codes_of, outcome_of, shape_of

_BALP = "https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit."
_REST = Code("http://terminology.hl7.org/CodeSystem/audit-event-type", "rest", "Restful Operation")
_SEARCH = Code("http://hl7.org/fhir/restful-interaction", "search", "search")
_READ = Code("http://hl7.org/fhir/restful-interaction", "read", "read")
_DISCLOSE = Code(
    "http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle", "disclose", "Disclose Record Lifecycle Event"
)
_REASON = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
_SOURCE_TYPE = Code("http://terminology.hl7.org/CodeSystem/security-source-type", "4", "Application Server")
_RESTFUL = {Shape.QUERY: ("E", _SEARCH), Shape.READ: ("R", _READ)}


def audit_event(record: Record, known_as: Person | None = None) -> dict[str, Any]:
    """Return the AuditEvent of a record that holds what its reader may see.

    `known_as`: the patient as the reader knows them, where that is not the pseudonym.
    Raises: KeyError for a kind that the catalogue does not have, or a record without time or id.
    """
    patient = patient_of(record, known_as)
    event: dict[str, Any] = {"resourceType": "AuditEvent", "id": str(record["event_id"])}
    if profile := _profile(record, patient):
        event["meta"] = {"profile": [_BALP + profile]}
    event |= _what(record)
    event |= {"recorded": str(record["at"]), "outcome": outcome_of(record)}
    if description := hide_numbers(field(record, "reason") or field(record, "outcome")):
        event["outcomeDesc"] = description
    if purpose := field(record, "purpose"):
        event["purposeOfEvent"] = [{"coding": [{"system": _REASON, "code": purpose}]}]
    event |= {"agent": agents(record, patient), "source": _source(record)}
    if found := entities(record, patient):
        event["entity"] = found
    return event


def _what(record: Record) -> dict[str, Any]:
    shape, codes = shape_of(record), codes_of(record)
    own = {"system": "urn:beeldpas:event", "code": str(record["kind"])}
    if shape in _RESTFUL:
        action, interaction = _RESTFUL[shape]
        return {"type": _coding(_REST), "subtype": [_coding(interaction), own], "action": action}
    more = (_DISCLOSE,) if shape is Shape.DISCLOSURE else codes.types
    return {"type": _coding(codes.event), "subtype": [*map(_coding, more), own], "action": codes.action}


def _profile(record: Record, patient: Person | None) -> str:
    """Name the pattern that the record follows to the letter; empty when there is none."""
    shape, succeeded = shape_of(record), outcome_of(record) == "0"
    prefix = "Patient" if patient else ""
    if shape is Shape.QUERY and succeeded:
        return f"{prefix}Query"
    if shape is Shape.READ and succeeded:
        return f"{prefix}Read"
    if shape is Shape.DISCLOSURE and patient:
        return "PrivacyDisclosure.Source"
    known = patient and field(record, "reference") and field(record, "organisation")
    return "AuthZconsent" if shape is Shape.CONSENT and known else ""


def _source(record: Record) -> dict[str, Any]:
    site = {"site": field(record, "hospital")} if field(record, "hospital") else {}
    return site | {"observer": observer(record), "type": [_coding(_SOURCE_TYPE)]}


def _coding(code: Code) -> dict[str, str]:
    return {"system": code.system, "code": code.value, "display": code.meaning}
