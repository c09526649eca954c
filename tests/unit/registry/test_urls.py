"""Which addresses name a person."""

from urllib.parse import quote

import pytest
from tests.cast import ANNA

from beeldpas.registry.urls import holds_bsn

BSN = ANNA.bsn.reveal()


@pytest.mark.parametrize(
    ("path", "query"),
    [
        (f"/fhir/Patient/{BSN}", ""),
        (f"/fhir/Patient/bsn-{BSN}", ""),
        ("/fhir/ImagingStudy", f"subject={BSN}"),
        ("/fhir/ImagingStudy", "patient=Patient/7"),
        ("/fhir/ImagingStudy", "Patient.identifier=x"),
        ("/fhir/ImagingStudy", "subject:identifier=x"),
        ("/fhir/ImagingStudy", f"q=anna+{BSN}"),
        ("/fhir/ImagingStudy", f"q={quote(quote('http://fhir.nl/fhir/NamingSystem/bsn', safe=''), safe='')}"),
        ("/fhir/ImagingStudy", "identifier=http://fhir.nl/fhir/NamingSystem/bsn|1"),
        ("/fhir/ImagingStudy", "person=10000008"),
        ("/fhir/ImagingStudy/10000008-aaaa-4bbb", ""),
    ],
)
def test_an_address_that_names_a_person(path: str, query: str) -> None:
    assert holds_bsn(path, query)


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/fhir/metadata", ""),
        ("/fhir/ImagingStudy", f"identifier=urn:dicom:uid|urn:oid:1.2.{BSN}.4"),
        ("/fhir/ImagingStudy", f"identifier=urn:dicom:uid|urn:oid:1.2.{BSN}"),
        ("/fhir/DiagnosticReport", f"identifier=urn:report|{BSN}"),
        ("/fhir/Endpoint/noord", "x=123456789"),
        ("/health/live", "n=1234567890123"),
        ("/fhir/ImagingStudy/10000008-aaaa-4bbb-8ccc-ddd10000008e/_history", ""),
        ("/fhir/ImagingStudy", "_page=x10000008-10000008x"),
    ],
)
def test_an_address_that_names_nobody(path: str, query: str) -> None:
    assert not holds_bsn(path, query)
