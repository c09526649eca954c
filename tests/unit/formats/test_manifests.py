"""Manifests and lists of documents that nobody vouches for: whatever comes is read, or refused in one way."""

import json
from copy import deepcopy
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from tests.cast import ANNA, BRAM, NOORD
from tests.index_town import a_study
from tests.registries.kos_file import BSN_OID, FINAL, TEMPORARY, XDS_I, kos_file
from tests.registries.mhd_stub import MhdStub
from tests.registries.stub import Entry
from tests.registries.xds_stub import XdsStub

from beeldpas.demo.registries.mhd_messages import manifest
from beeldpas.domain.errors import Malformed, Unavailable
from beeldpas.domain.study import Accession
from beeldpas.formats.fhir.documents import read_documents
from beeldpas.formats.fhir.manifest import read_manifest
from beeldpas.formats.found import FoundStudy
from beeldpas.formats.kos import read_kos
from beeldpas.formats.manifests import Manifest, completed, twins
from beeldpas.formats.xds.entries import read_entries

TODAY = date(2026, 11, 24)
ENTRY = Entry(a_study(ANNA.bsn), NOORD)
UID = ENTRY.study.study_uid
SMALL = replace(ENTRY, study=replace(ENTRY.study, series=(replace(ENTRY.study.series[0], instances=2),)))
KOS = kos_file(SMALL, "2.25.71", "https://noord.example/dicom-web")


def read(body: bytes) -> FoundStudy:
    return read_kos(body, ANNA.bsn, TODAY)


# A manifest as DICOM


@pytest.mark.parametrize("codes", [FINAL, TEMPORARY, XDS_I], ids=["final", "temporary", "xds-i"])
def test_a_manifest_tells_of_the_study_its_series_and_where_they_are(codes: dict[str, Any]) -> None:
    found = read(kos_file(SMALL, "2.25.71", "https://noord.example/dicom-web/studies/1.2/series/1.3", codes))
    (series,) = found.study.series
    assert (found.study.uid, found.study.started, found.study.modalities) == (UID, date(2024, 3, 1), ("CT",))
    assert found.study.accessions == (Accession("A-1", "2.16.1"),)
    assert (series.modality, series.description, series.instances, series.body_part) == ("CT", "axial", 2, "CHEST")
    assert [(one.address, one.location, one.custodian) for one in found.places] == [
        ("https://noord.example/dicom-web", "1.2.3.4.5", NOORD.ura)
    ]


def test_a_manifest_with_only_a_local_number_is_whose_its_envelope_says() -> None:
    local = kos_file(SMALL, "2.25.71", "", PatientID="4711", IssuerOfPatientIDQualifiersSequence=[])
    assert read(local).study.uid == UID


@pytest.mark.parametrize(
    "changes",
    [
        {"PatientID": BRAM.bsn.reveal()},
        {"SOPClassUID": "1.2.840.10008.5.1.4.1.1.2"},
        {"ConceptNameCodeSequence": []},
        {"CurrentRequestedProcedureEvidenceSequence": []},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_what_is_no_manifest_of_this_person_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        read(kos_file(SMALL, "2.25.71", "", **changes))


@settings(deadline=None, max_examples=150)
@given(st.integers(0, len(KOS) - 1))
def test_a_manifest_that_is_cut_off_is_read_or_refused(length: int) -> None:
    _read_or_refused(KOS[:length])


@settings(deadline=None, max_examples=300)
@given(st.integers(132, len(KOS) - 1), st.integers(0, 255))
def test_a_manifest_with_one_odd_byte_is_read_or_refused(place: int, value: int) -> None:
    _read_or_refused(KOS[:place] + bytes([value]) + KOS[place + 1 :])


def _read_or_refused(body: bytes) -> None:
    try:
        found = read(body)
    except Malformed:
        return
    assert isinstance(found, FoundStudy) and BSN_OID not in repr(found)


# A manifest and a list as FHIR

STUB = MhdStub(port=1, entries=(ENTRY,), form="twins")
MANIFEST: dict[str, Any] = manifest(replace(ENTRY, address=STUB.images_at(ENTRY)), 0)
DOCUMENTS: dict[str, Any] = json.loads(
    bytes(STUB._documents({"patient.identifier": "http://fhir.nl/fhir/NamingSystem/bsn|1", "status": "current"}).body)
)
ODD = st.sampled_from([None, True, 0, -1, 2**70, "", "x" * 5000, [], {}, [None], [[]], {"coding": 7}, "urn:oid:1..2"])


def _places(value: Any) -> list[tuple[Any, Any]]:
    """Every (container, key) in a message."""
    keys = value.keys() if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    return [place for key in keys for place in [(value, key), *_places(value[key])]]


@settings(deadline=None, max_examples=300)
@given(st.data(), ODD)
def test_one_odd_value_anywhere_in_a_manifest_never_breaks_the_reading(data: st.DataObject, odd: Any) -> None:
    message = deepcopy(MANIFEST)
    container, key = data.draw(st.sampled_from(_places(message)))
    container[key] = odd
    try:
        found = read_manifest(message, ANNA.bsn, TODAY)
    except Malformed:
        return
    assert found.study.uid == UID


@settings(deadline=None, max_examples=300)
@given(st.data(), ODD)
def test_one_odd_value_anywhere_in_a_list_never_breaks_the_reading(data: st.DataObject, odd: Any) -> None:
    message = deepcopy(DOCUMENTS)
    container, key = data.draw(st.sampled_from(_places(message)))
    container[key] = odd
    try:
        listed = read_documents([message], ANNA.bsn, TODAY)
    except Malformed:
        return
    assert {one.study_uid for one in listed.manifests} <= {UID, ""}


def test_a_report_that_was_withdrawn_is_passed_over_in_silence() -> None:
    message = deepcopy(DOCUMENTS)
    for entry in message["entry"]:
        entry["resource"]["docStatus"] = "entered-in-error"
    listed = read_documents([message], ANNA.bsn, TODAY)
    assert (listed.manifests, listed.reports, listed.unreadable) == ((), (), 0)


# A list as XML

LISTED = bytes(XdsStub(port=1, entries=(ENTRY,))._listed().body)


@settings(deadline=None, max_examples=300)
@given(
    st.data(), st.sampled_from(["", "^^^^^^^^^^^^", "x" * 5000, "urn:oid:1..2", "\u202e", "&&&&", "99999999999999"])
)
def test_one_odd_value_anywhere_in_an_xml_list_never_breaks_the_reading(data: st.DataObject, odd: str) -> None:
    root = etree.fromstring(LISTED)
    element = data.draw(st.sampled_from(list(root.iter())))
    if element.attrib and data.draw(st.booleans()):
        element.set(data.draw(st.sampled_from(sorted(element.attrib))), odd)
    elif len(element) == 0:
        element.text = odd
    else:
        element.getparent().remove(element) if element.getparent() is not None else None
    try:
        listed = read_entries(etree.tostring(root), "register", ANNA.bsn, TODAY)
    except (Malformed, Unavailable):
        return
    assert {one.study_uid for one in listed.manifests} <= {UID, ""}


# Twins and envelopes


def envelope(name: str, encoding: Any = "fhir", twin_of: str = "", study_uid: str = "") -> Manifest:
    return Manifest(name, encoding, f"https://x/{name}", study_uid, twin_of=(twin_of,) if twin_of else ())


def test_twins_are_one_group_whoever_names_the_other_and_fhir_stands_first() -> None:
    one, other, alone = envelope("a", "kos"), envelope("b", "fhir", twin_of="a"), envelope("c")
    for order in ([one, other, alone], [alone, other, one], [other, alone, one]):
        groups = twins(order)
        assert sorted([each.identifier for each in group] for group in groups) == [["b", "a"], ["c"]]


def test_a_chain_of_twins_is_one_group() -> None:
    chain = [envelope("a"), envelope("c", twin_of="b"), envelope("b", "kos", twin_of="a")]
    assert [len(group) for group in twins(chain)] == [3]


def test_an_envelope_of_another_study_is_not_believed() -> None:
    with pytest.raises(Malformed):
        completed(read(KOS), envelope("a", study_uid="1.2.3"))
    assert completed(read(KOS), envelope("a", study_uid=UID)).study.uid == UID
