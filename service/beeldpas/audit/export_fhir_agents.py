"""Who took part in an event, as the agents of a FHIR AuditEvent: the right way round for each pattern.

A question flows from the client (source) to the server (destination); what is read or disclosed flows from the server
(source) to who gets it (destination). *Source:* IHE BALP 1.1.3, agent slices; DICOM PS3.15 §A.5.3.
"""

import ipaddress
from typing import Any

from beeldpas.audit.events import Shape
from beeldpas.audit.export_fields import PSEUDONYM_SYSTEM, Person, Record, field, free_text, listed
from beeldpas.audit.standard_codes import APPLICATION, DESTINATION_ROLE, SOURCE_ROLE, Code, shape_of
from beeldpas.formats.fhir.systems import SNOMED, URA

USER = Code("http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "IRCP", "information recipient")
ORGANISATION = Code("http://terminology.hl7.org/CodeSystem/v3-RoleClass", "PROV", "healthcare provider")
AUTHORIZER = Code(
    "http://terminology.hl7.org/CodeSystem/extra-security-role-type", "authserver", "authorization server"
)
ADVOCATE = Code(SNOMED, "429577009", "Patient Advocate")
_NOT_KNOWN = {
    "extension": [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}]
}
_JTI = "urn:ietf:params:oauth:jti:"


def agents(record: Record, patient: Person | None) -> list[dict[str, Any]]:
    """Return everybody and everything that took part."""
    shape = shape_of(record)
    if shape is Shape.QUERY:
        return [_client(record, SOURCE_ROLE), _program(record, DESTINATION_ROLE), _user(record)]
    if shape is Shape.READ:
        return [_client(record, DESTINATION_ROLE), _program(record, SOURCE_ROLE), _user(record)]
    if shape is Shape.DISCLOSURE:
        parties = [_program(record, SOURCE_ROLE), _client(record, DESTINATION_ROLE), _user(record)]
        return parties + ([_advocate(patient)] if patient else [])
    if shape is Shape.CONSENT:
        authorizer = {"type": _concept(AUTHORIZER), "who": observer(record), "requestor": False}
        return [authorizer, _client(record, APPLICATION), _user(record), *_organisation(record)]
    return [_user(record), _program(record, APPLICATION)]


def observer(record: Record) -> dict[str, Any]:
    """Name the program that reports: the source of the event, and an agent of it."""
    source = field(record, "source")
    return {"type": "Device", "identifier": {"system": "urn:beeldpas:program", "value": source}, "display": source}


def identified(person: Person) -> dict[str, Any]:
    """Refer to a patient by number."""
    return {"type": "Patient", "identifier": {"system": person.system, "value": person.number}}


def _user(record: Record) -> dict[str, Any]:
    agent: dict[str, Any] = {"type": _concept(USER), "who": _who(record), "requestor": True}
    roles = [{"text": role} for role in listed(record, "roles")]
    if relation := field(record, "on_behalf"):
        roles.append({"text": f"on behalf of the patient: {relation}"})
    if roles:
        agent["role"] = roles
    if name := free_text(record, "name"):
        agent["name"] = name
    policies = [f"urn:beeldpas:policy:{field(record, 'policy')}"] if field(record, "policy") else []
    policies += [_JTI + field(record, "jti")] if field(record, "jti") else []
    if policies:
        agent["policy"] = policies
    return agent


def _who(record: Record) -> dict[str, Any]:
    kind, subject = field(record, "actor_kind"), field(record, "actor")
    if not subject:
        return {"display": free_text(record, "name") or kind or "unknown"}
    system = PSEUDONYM_SYSTEM if kind == "patient" else f"urn:beeldpas:{kind or 'unknown'}"
    return {"identifier": {"system": system, "value": subject}}


def _client(record: Record, role: Code) -> dict[str, Any]:
    """The other side of the connection: a browser, a viewer, another program; known by its address only."""
    address = field(record, "address")
    return {
        "type": _concept(role),
        "who": {"display": free_text(record, "organisation") or address or "client"},
        "requestor": False,
        "network": {"address": address, "type": network_type(address)} if address else _NOT_KNOWN,
    }


def _program(record: Record, role: Code) -> dict[str, Any]:
    network = {"address": field(record, "source"), "type": "1"}
    return {"type": _concept(role), "who": observer(record), "requestor": False, "network": network}


def _advocate(patient: Person) -> dict[str, Any]:
    """Who let it happen: the patient, by the share or by asking for the own images."""
    return {"type": _concept(ADVOCATE), "who": identified(patient), "requestor": False}


def _organisation(record: Record) -> list[dict[str, Any]]:
    name, ura = free_text(record, "organisation"), field(record, "ura")
    if not name:
        return []
    who = {"display": name} | ({"identifier": {"system": URA, "value": ura}} if ura else {})
    return [{"type": _concept(ORGANISATION), "who": who, "requestor": False}]


def network_type(address: str) -> str:
    """Return 2 for an IP address, 1 for the name of a machine."""
    try:
        ipaddress.ip_address(address)
    except ValueError:
        return "1"
    return "2"


def _concept(code: Code) -> dict[str, Any]:
    return {"coding": [{"system": code.system, "code": code.value, "display": code.meaning}]}
