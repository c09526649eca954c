"""A record of the access log as DICOM audit messages, one for each study, none larger than every receiver takes.

The order of elements and attributes is that of the schema of the standard. What a message is about is the hospital's
own: the reader is its audit repository. *Source:* DICOM PS3.15 §A.5.1 (schema), §A.5.3 (the messages), §A.6.
"""

from collections.abc import Iterator
from xml.etree.ElementTree import Element, SubElement, tostring

from beeldpas.audit.events import Shape
from beeldpas.audit.export_fhir_agents import network_type
from beeldpas.audit.export_fields import Person, Record, field, free_text, listed, patient_of
from beeldpas.audit.standard_codes import (
    APPLICATION,
    DESTINATION_ROLE,
    SOURCE_ROLE,
    Code,
    codes_of,
    outcome_of,
    shape_of,
)
from beeldpas.formats.fhir.systems import DCM

LARGEST = 32_768
_STUDY = Code(DCM, "110180", "Study Instance UID")
_MEDIA = Code(DCM, "110154", "Destination Media")
_NETWORK_MEDIA = Code(DCM, "110037", "URI")
_PATIENT_NUMBER = Code("RFC-3881", "2", "Patient Number")
_QUERY = Code("RFC-3881", "10", "Search Criteria")
_URI = Code("RFC-3881", "12", "URI")
_NOTHING = "-"


def studies_of(record: Record) -> tuple[str, ...]:
    """Return what a message of its own is made for; one empty name when no study is known."""
    return listed(record, "studies") or ("",)


def audit_message(record: Record, study: str = "", known_as: Person | None = None) -> bytes:
    """Return the message about one study of a record, in UTF-8, of at most `LARGEST` octets.

    Raises: KeyError for a kind that the catalogue does not have, or a record without time.
    """
    root = Element("AuditMessage")
    _identify(root, record)
    for participant in _participants(record):
        root.append(participant)
    source = SubElement(root, "AuditSourceIdentification")
    if hospital := free_text(record, "hospital"):
        source.set("AuditEnterpriseSiteID", hospital)
    source.set("AuditSourceID", field(record, "source") or _NOTHING)
    SubElement(source, "AuditSourceTypeCode", {"csd-code": "4"})
    for part in _objects(record, study, patient_of(record, known_as)):
        root.append(part)
    return b'<?xml version="1.0" encoding="UTF-8"?>' + tostring(root, encoding="unicode").encode()


def _identify(root: Element, record: Record) -> None:
    codes = codes_of(record)
    event = SubElement(root, "EventIdentification")
    event.set("EventActionCode", codes.action)
    event.set("EventDateTime", str(record["at"]))
    event.set("EventOutcomeIndicator", outcome_of(record))
    event.append(_coded("EventID", codes.event))
    for code in (*codes.types, Code("urn:beeldpas:event", str(record["kind"]), str(record["kind"]))):
        event.append(_coded("EventTypeCode", code))
    description = free_text(record, "reason") or field(record, "outcome")
    if description:
        SubElement(event, "EventOutcomeDescription").text = description


def _participants(record: Record) -> Iterator[Element]:
    """Who acted, and this program; for what left the house also by what medium, as §A.5.3.5 asks."""
    shape = shape_of(record)
    if shape is Shape.DISCLOSURE:
        yield _user(record, DESTINATION_ROLE)
        yield _program(record, SOURCE_ROLE)
        media = _participant(field(record, "grant") or _NOTHING, "", _MEDIA, False)
        identifier = SubElement(media, "MediaIdentifier")
        identifier.append(_coded("MediaType", _NETWORK_MEDIA))
        media.set("NetworkAccessPointID", field(record, "address") or _NOTHING)
        media.set("NetworkAccessPointTypeCode", network_type(field(record, "address")))
        yield media
    elif shape is Shape.QUERY:
        yield _user(record, SOURCE_ROLE)
        yield _program(record, DESTINATION_ROLE)
    else:
        yield _user(record, None)
        yield _program(record, APPLICATION)


def _user(record: Record, role: Code | None) -> Element:
    """The person or program that asked; an address is mandatory for who signs in, so an unknown one is said to be."""
    user = _participant(field(record, "actor") or field(record, "actor_kind") or _NOTHING, "", role, True)
    name, organisation = free_text(record, "name"), free_text(record, "organisation")
    if name or organisation:
        user.set("UserName", ", ".join(part for part in (name, organisation) if part))
    if field(record, "ura"):
        user.set("AlternativeUserID", f"URA {field(record, 'ura')}")
    address = field(record, "address")
    user.set("NetworkAccessPointID", address or _NOTHING)
    user.set("NetworkAccessPointTypeCode", network_type(address))
    return user


def _program(record: Record, role: Code) -> Element:
    source = field(record, "source") or _NOTHING
    program = _participant(source, "beeldpas", role, False)
    program.set("NetworkAccessPointID", source)
    program.set("NetworkAccessPointTypeCode", "1")
    return program


def _participant(user: str, name: str, role: Code | None, requestor: bool) -> Element:
    element = Element("ActiveParticipant", {"UserID": user, "UserIsRequestor": "true" if requestor else "false"})
    if name:
        element.set("UserName", name)
    if role is not None:
        element.append(_coded("RoleIDCode", role))
    return element


def _objects(record: Record, study: str, patient: Person | None) -> Iterator[Element]:
    shape = shape_of(record)
    if study:
        yield _object(study, _STUDY, "Study", "2", "3")
    if patient is not None:
        number = f"{patient.number}^^^{patient.system}"
        yield _object(number, _PATIENT_NUMBER, "Patient", "1", "1")
    if shape is Shape.LOG_USED:
        yield _object("urn:beeldpas:log", _URI, "Security Audit Log", "2", "13")
    elif shape is Shape.QUERY:
        yield _object(field(record, "kind"), _QUERY, "Question", "2", "24")
    elif shape is Shape.CONSENT:
        consent = field(record, "reference") or field(record, "grant") or _NOTHING
        yield _object(f"urn:beeldpas:share:{consent}", _URI, "Share", "2", "13")


def _object(number: str, id_type: Code, name: str, type_: str, role: str) -> Element:
    element = Element("ParticipantObjectIdentification")
    element.set("ParticipantObjectID", number)
    element.set("ParticipantObjectTypeCode", type_)
    element.set("ParticipantObjectTypeCodeRole", role)
    element.append(_coded("ParticipantObjectIDTypeCode", id_type))
    SubElement(element, "ParticipantObjectName").text = name
    return element


def _coded(name: str, code: Code) -> Element:
    system = "DCM" if code.system == DCM else code.system
    return Element(
        name,
        {
            "csd-code": code.value,
            "codeSystemName": system,
            "displayName": code.meaning,
            "originalText": code.meaning,
        },
    )
