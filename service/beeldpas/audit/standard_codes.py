"""The codes by which standards name an event of each shape, and how it went.

*Source:* DICOM PS3.16 CID 400 and 401, PS3.15 §A.5.3; RFC 3881 §5.1 (action, outcome).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from beeldpas.audit.events import CATALOGUE, Shape
from beeldpas.audit.leaf import Json
from beeldpas.formats.fhir.systems import DCM


@dataclass(frozen=True, slots=True)
class Code:
    """A coded value: `system` as FHIR writes it, `value`, and what it means in words."""

    system: str
    value: str
    meaning: str


@dataclass(frozen=True, slots=True)
class EventCodes:
    """What an event is (EventID), more precisely (EventTypeCode), and the action: C, R, U, D or E."""

    event: Code
    types: tuple[Code, ...]
    action: str


AUTHZ_SUBTYPE = "https://profiles.ihe.net/ITI/BALP/CodeSystem/AuthZsubType"
SECURITY_ALERT = Code(DCM, "110113", "Security Alert")
USER_AUTHENTICATION = Code(DCM, "110114", "User Authentication")
PATIENT_RECORD = Code(DCM, "110110", "Patient Record")
AUTHZ_CONSENT = Code(AUTHZ_SUBTYPE, "AuthZ-Consent", "Authorization Decision using Roles and Consent")
SOURCE_ROLE = Code(DCM, "110153", "Source Role ID")
DESTINATION_ROLE = Code(DCM, "110152", "Destination Role ID")
APPLICATION = Code(DCM, "110150", "Application")

_BY_SHAPE: Mapping[Shape, EventCodes] = {
    Shape.LOGIN: EventCodes(USER_AUTHENTICATION, (Code(DCM, "110122", "Login"),), "E"),
    Shape.LOGOUT: EventCodes(USER_AUTHENTICATION, (Code(DCM, "110123", "Logout"),), "E"),
    Shape.QUERY: EventCodes(Code(DCM, "110112", "Query"), (), "E"),
    Shape.READ: EventCodes(PATIENT_RECORD, (), "R"),
    Shape.DISCLOSURE: EventCodes(Code(DCM, "110106", "Export"), (), "R"),
    Shape.CONSENT: EventCodes(SECURITY_ALERT, (AUTHZ_CONSENT,), "E"),
    Shape.LOG_USED: EventCodes(Code(DCM, "110101", "Audit Log Used"), (), "R"),
    Shape.CONFIGURATION: EventCodes(SECURITY_ALERT, (Code(DCM, "110129", "Security Configuration"),), "E"),
    Shape.ADMINISTRATION: EventCodes(SECURITY_ALERT, (Code(DCM, "110132", "Use of Restricted Function"),), "E"),
    Shape.RECORD: EventCodes(PATIENT_RECORD, (), "U"),
}
_SUCCESS, _MINOR, _SERIOUS = "0", "4", "8"
_OUTCOMES = {"done": _SUCCESS, "completed": _SUCCESS, "running": _SUCCESS, "cut": _MINOR, "revoked": _MINOR}


def shape_of(record: Mapping[str, Json]) -> Shape:
    """Return the shape of a record. Raises: KeyError for a kind that the catalogue does not have."""
    return CATALOGUE[str(record["kind"])].shape


def codes_by_shape(shape: Shape) -> EventCodes:
    """Return the standard codes of a shape."""
    return _BY_SHAPE[shape]


def codes_of(record: Mapping[str, Json]) -> EventCodes:
    """Return the standard codes of a record. Raises: KeyError for a kind that the catalogue does not have."""
    return _BY_SHAPE[shape_of(record)]


def outcome_of(record: Mapping[str, Json]) -> str:
    """Return the outcome indicator: 0 it succeeded (or began), 4 it was broken off, 8 it was refused or failed."""
    return _OUTCOMES.get(str(record.get("outcome", "")), _SERIOUS)
