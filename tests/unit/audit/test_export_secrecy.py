"""No export holds a citizen service number, even when somebody typed one where people can type."""

import json
from base64 import b64encode

import pytest
from tests.cast import ANNA, BRAM, CEES
from tests.log_records import careless, event_of

from beeldpas.audit.event import Event, as_record
from beeldpas.audit.events import CATALOGUE, Reader
from beeldpas.audit.export_dicom import audit_message
from beeldpas.audit.export_fhir import audit_event
from beeldpas.audit.export_fields import hide_numbers
from beeldpas.audit.export_nen7513 import line
from beeldpas.audit.log import visible

NUMBERS = [person.bsn.reveal() for person in (ANNA, BRAM, CEES)]


def exports(event: Event, reader: Reader) -> list[str]:
    record = visible(as_record(event), reader)
    if not record:
        return []
    return [json.dumps(audit_event(record)), audit_message(record).decode(), line(record)]


@pytest.mark.parametrize("reader", [Reader.SECURITY, Reader.HOSPITAL])
@pytest.mark.parametrize("make", [event_of, careless])
@pytest.mark.parametrize("kind", CATALOGUE)
def test_no_export_holds_a_citizen_service_number(kind, make, reader) -> None:
    for text in exports(make(kind), reader):
        for number in NUMBERS:
            assert number not in text
            assert b64encode(number.encode()).decode().rstrip("=") not in text


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("around", ["{}", "BSN {}.", "({})", "a {}, b"])
def test_a_number_that_was_typed_is_hidden(number: str, around: str) -> None:
    assert number not in hide_numbers(around.format(number))


@pytest.mark.parametrize("text", ["1.2.999990019.4", "2026-11-24", "1234567890", "a1b999990019c"])
def test_other_numbers_stay(text: str) -> None:
    assert hide_numbers(text) == text
