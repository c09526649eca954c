"""What an event was about, as the entities of a FHIR AuditEvent: one patient, and what was asked, read or decided.

*Source:* IHE BALP 1.1.3, entity slices; FHIR R4 value sets audit-entity-type and object-role.
"""

from base64 import b64encode
from typing import Any

from beeldpas.audit.events import Shape
from beeldpas.audit.export_fhir_agents import identified
from beeldpas.audit.export_fields import Person, Record, field, listed
from beeldpas.audit.standard_codes import Code, shape_of
from beeldpas.formats.fhir.systems import DICOM_UID, OID_PREFIX

_TYPE = "http://terminology.hl7.org/CodeSystem/audit-entity-type"
_ROLE = "http://terminology.hl7.org/CodeSystem/object-role"
PERSON, SYSTEM_OBJECT = Code(_TYPE, "1", "Person"), Code(_TYPE, "2", "System Object")
PATIENT, REPORT = Code(_ROLE, "1", "Patient"), Code(_ROLE, "3", "Report")
DOMAIN_RESOURCE, LOG, QUERY = (
    Code(_ROLE, "4", "Domain Resource"),
    Code(_ROLE, "13", "Security Resource"),
    Code(_ROLE, "24", "Query"),
)
CONSENT = Code("http://hl7.org/fhir/resource-types", "Consent", "Consent")
TOKEN = Code("https://profiles.ihe.net/ITI/BALP/CodeSystem/UserAgentTypes", "UserOauthAgent", "User OAuth Agent")
_JTI = "urn:ietf:params:oauth:jti:"


def entities(record: Record, patient: Person | None) -> list[dict[str, Any]]:
    """Return what the event was about, the patient first."""
    shape = shape_of(record)
    about = [_entity(PERSON, PATIENT, identified(patient))] if patient else []
    if shape is Shape.QUERY:
        return [*about, _question(record, patient)]
    if shape is Shape.DISCLOSURE:
        return about + [_entity(SYSTEM_OBJECT, REPORT, what) for what in _disclosed(record)]
    if shape is Shape.READ:
        return [*about, _entity(SYSTEM_OBJECT, DOMAIN_RESOURCE, _identifier("share", _share(record)))]
    if shape is Shape.CONSENT:
        return [*about, *_decided(record)]
    if shape is Shape.LOG_USED:
        log = {"identifier": {"system": "urn:beeldpas:log", "value": field(record, "source")}}
        return [*about, _entity(SYSTEM_OBJECT, LOG, log) | {"name": "Security Audit Log"}]
    return about


def _question(record: Record, patient: Person | None) -> dict[str, Any]:
    """What was asked: the kind of question and the patient's number, never what came in over the wire."""
    asked = f"{field(record, 'kind')}?patient={patient.number if patient else ''}"
    entity = {"type": _coding(SYSTEM_OBJECT), "role": _coding(QUERY)}
    return entity | {"query": b64encode(asked.encode()).decode("ascii")}


def _disclosed(record: Record) -> list[dict[str, Any]]:
    """The studies where the reader may see them; otherwise the grant under which they were given."""
    studies = listed(record, "studies")
    if not studies:
        return [_identifier("grant", field(record, "grant") or "unknown")]
    return [
        {"type": "ImagingStudy", "identifier": {"system": DICOM_UID, "value": OID_PREFIX + uid}} for uid in studies
    ]


def _decided(record: Record) -> list[dict[str, Any]]:
    """The consent (a share, or the grant that came of it), and the token that was made."""
    consent = {"type": _coding(CONSENT), "what": _identifier("share", _share(record))}
    jti = field(record, "jti")
    if not jti:
        return [consent]
    token = {"type": _coding(TOKEN), "what": {"identifier": {"system": "urn:ietf:rfc:3986", "value": _JTI + jti}}}
    return [consent, token]


def _share(record: Record) -> str:
    return field(record, "reference") or field(record, "grant") or "none"


def _identifier(what: str, value: str) -> dict[str, Any]:
    return {"identifier": {"system": f"urn:beeldpas:{what}", "value": value}}


def _entity(type_: Code, role: Code, what: dict[str, Any]) -> dict[str, Any]:
    return {"what": what, "type": _coding(type_), "role": _coding(role)}


def _coding(code: Code) -> dict[str, str]:
    return {"system": code.system, "code": code.value, "display": code.meaning}
