"""Every kind of event is an audit message by the schema of DICOM PS3.15, with what its table asks for."""

from datetime import UTC, datetime
from xml.etree.ElementTree import Element, fromstring

import pytest
from pydicom.sr._concepts_dict import concepts
from tests.audit_schema import faults
from tests.log_records import STUDIES, event_of, record_of

from beeldpas.audit.event import as_record
from beeldpas.audit.events import CATALOGUE, Reader, Use
from beeldpas.audit.export_dicom import LARGEST, audit_message, studies_of
from beeldpas.audit.export_fields import Person
from beeldpas.audit.syslog import frame
from beeldpas.domain.actions import Action

MEANINGS = {code: meaning for by_code in concepts["DCM"].values() for code, (meaning, _) in by_code.items()}


def message(kind: str, reader: Reader = Reader.HOSPITAL, known_as: Person | None = None) -> Element:
    return fromstring(audit_message(record_of(kind, reader), STUDIES[0], known_as))  # noqa: S314  (our own)


def codes(element: Element, name: str) -> list[str | None]:
    return [one.get("csd-code") for one in element.iter(name)]


@pytest.mark.parametrize("outcome", ["done", "refused"])
@pytest.mark.parametrize("kind", CATALOGUE)
def test_every_kind_is_a_message_by_the_schema(kind: str, outcome: str) -> None:
    for study in studies_of(record_of(kind, Reader.SECURITY, outcome)):
        body = audit_message(record_of(kind, Reader.SECURITY, outcome), study)
        assert list(faults(fromstring(body))) == []  # noqa: S314


@pytest.mark.parametrize("kind", CATALOGUE)
def test_every_code_means_what_dicom_says(kind: str) -> None:
    for element in message(kind, Reader.SECURITY).iter():
        if element.get("codeSystemName") == "DCM":
            assert MEANINGS[element.get("csd-code")] == element.get("displayName") == element.get("originalText")


def test_a_study_that_is_given_is_an_export_with_its_medium() -> None:
    given = message(Use.DOWNLOAD, known_as=Person("NOORD", "4711"))
    assert codes(given, "EventID") == ["110106"]
    assert codes(given, "RoleIDCode") == ["110152", "110153", "110154"]
    assert codes(given, "MediaType") == ["110037"]
    receiver, program, _ = given.findall("ActiveParticipant")
    assert (receiver.get("UserIsRequestor"), receiver.get("NetworkAccessPointID")) == ("true", "198.51.100.7")
    assert program.get("UserID") == "portal"
    study, patient = given.findall("ParticipantObjectIdentification")
    assert (study.get("ParticipantObjectID"), study.get("ParticipantObjectTypeCodeRole")) == (STUDIES[0], "3")
    assert (patient.get("ParticipantObjectID"), patient.get("ParticipantObjectTypeCodeRole")) == ("4711^^^NOORD", "1")


def test_who_signs_in_comes_from_somewhere_and_has_no_objects_but_the_patient() -> None:
    signed_in = message(Action.SIGN_IN, Reader.SECURITY)
    assert (codes(signed_in, "EventID"), codes(signed_in, "EventTypeCode")[0]) == (["110114"], "110122")
    assert signed_in.find("ActiveParticipant").get("NetworkAccessPointID") == "198.51.100.7"


def test_reading_the_log_is_about_the_log() -> None:
    read = message(Action.VIEW_LOG, Reader.SECURITY)
    log = read.findall("ParticipantObjectIdentification")[-1]
    assert (log.get("ParticipantObjectTypeCodeRole"), codes(log, "ParticipantObjectIDTypeCode")) == ("13", ["12"])
    assert log.findtext("ParticipantObjectName") == "Security Audit Log"


def test_a_message_has_room_at_every_receiver_whatever_stands_in_it() -> None:
    record = as_record(event_of(Use.DOWNLOAD)) | {"name": "é" * 5_000, "organisation": "\x00<&>" * 5_000}
    body = audit_message(record, STUDIES[0])
    assert len(body) <= LARGEST
    assert list(faults(fromstring(body))) == []  # noqa: S314


def test_each_study_has_a_message_of_its_own() -> None:
    record = as_record(event_of(Use.DOWNLOAD))
    assert studies_of(record) == STUDIES
    assert studies_of(record | {"studies": []}) == ("",)
    assert STUDIES[1].encode() not in audit_message(record, STUDIES[0])


def test_a_frame_says_how_long_it_is_and_begins_as_rfc_5424_asks() -> None:
    at = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
    framed = frame("é".encode(), at=at, host="noord é.example", program="beeldpas", process="", warning=False)
    head = b"<85>1 2026-11-24T09:30:00.000000Z noord__.example beeldpas - DICOM+RFC3881 - \xef\xbb\xbf"
    assert framed == f"{len(head) + 2} ".encode() + head + "é".encode()
    refused = frame(b"", at=at, host="h", program="p", process="1", warning=True)
    assert refused.partition(b" ")[2].startswith(b"<84>1 ")
