"""Reading answers that nobody vouches for."""

import random
from copy import deepcopy
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.cast import ANNA, BRAM, NOORD, WEST
from tests.index_town import a_study

from beeldpas.domain.errors import Malformed
from beeldpas.domain.study import Accession
from beeldpas.formats.fhir import systems
from beeldpas.formats.fhir.bundles import searchset
from beeldpas.formats.fhir.publication import (
    PublishingHospital,
    endpoint_resource,
    report_resource,
    study_resource,
)
from beeldpas.formats.fhir.reading import Found, read_searchset

TODAY = date(2026, 11, 24)
HOSPITALS = {
    one.gateway_id: PublishingHospital(one.gateway_id, one.name, one.ura, f"https://{one.gateway_id}.example")
    for one in (NOORD, WEST)
}
STUDY = a_study(ANNA.bsn)
UID = STUDY.study_uid


def answer(**changes: Any) -> dict[str, Any]:
    """A registry's answer with one study; `changes` replace what stands in the study, None takes it out."""
    return bundle(study(**changes), report(), endpoint())


def study(gateway_id: str = "noord", **changes: Any) -> dict[str, Any]:
    made = {**study_resource(STUDY, HOSPITALS[gateway_id]), "id": f"s-{gateway_id}", **changes}
    return {name: value for name, value in made.items() if value is not None}


def report(**changes: Any) -> dict[str, Any]:
    made = report_resource(STUDY.reports[0], STUDY, HOSPITALS["noord"])
    return {**made, "id": "r1", **changes}


def endpoint(gateway_id: str = "noord", **changes: Any) -> dict[str, Any]:
    return endpoint_resource(HOSPITALS[gateway_id]) | changes


def bundle(*resources: dict[str, Any]) -> dict[str, Any]:
    matches = [one for one in resources if one["resourceType"] == "ImagingStudy"]
    return searchset("https://registry.example/fhir", matches, [one for one in resources if one not in matches])


def read(message: dict[str, Any]) -> Found:
    return read_searchset([message], ANNA.bsn, TODAY)


def only(message: dict[str, Any]) -> Any:
    (found,) = read(message).studies
    return found


def test_what_was_published_is_what_is_read() -> None:
    found = only(answer())
    (series,) = STUDY.series
    (told,) = found.study.series
    assert (found.study.uid, found.study.started, found.study.instances) == (UID, STUDY.started, 120)
    assert (told.uid, told.modality, told.instances, told.body_part) == (series.uid, "CT", 120, "CHEST")
    assert (found.origin, found.custodian) == (True, NOORD.ura)
    assert [(one.address, one.custodian) for one in found.places] == [("https://noord.example/dicom-web", NOORD.ura)]
    (told_report,) = read(answer()).reports
    assert (told_report.report.identifier, told_report.report.studies) == (f"{UID}.9", (UID,))
    assert told_report.report.hospitals == (NOORD.name,)


# Shapes that occur


def test_codes_may_come_in_the_shapes_of_r5() -> None:
    found = only(
        answer(
            modality=[{"coding": [{"system": "http://dicom.nema.org/resources/ontology/DCM", "code": "MR"}]}],
            series=[
                {
                    "uid": "1.2.3",
                    "modality": {"coding": [{"code": "MR"}]},
                    "bodySite": {"concept": {"coding": [{"code": "69536005", "display": "Head"}]}},
                    "laterality": {"coding": [{"code": "7771000"}]},
                }
            ],
        )
    )
    (series,) = found.study.series
    assert (found.study.modalities, series.modality, series.body_part, series.laterality) == (
        ("MR",),
        "MR",
        "Head",
        "L",
    )


def test_an_entry_may_be_a_bundle_of_one_hospital() -> None:
    inner = [bundle(study(), endpoint()), bundle(study("west"), endpoint("west"))]
    found = read({"resourceType": "Bundle", "entry": [{"resource": one} for one in inner]})
    assert {one.places[0].custodian for one in found.studies} == {NOORD.ura, WEST.ura}
    assert found.unreadable == 0


def test_a_uid_may_stand_there_bare() -> None:
    assert only(answer(identifier=[{"system": "urn:dicom:uid", "value": UID}])).study.uid == UID


def test_a_warning_among_the_entries_is_no_unreadable_entry() -> None:
    message = answer()
    message["entry"].append({"resource": {"resourceType": "OperationOutcome"}, "search": {"mode": "outcome"}})
    assert read(message).unreadable == 0


def test_what_the_server_warns_of_is_counted_and_what_it_only_remarks_is_not() -> None:
    message = answer()
    issues = [{"severity": one, "code": "processing"} for one in ("information", "warning", "error")]
    outcome = {"resourceType": "OperationOutcome", "issue": issues}
    message["entry"].append({"resource": outcome, "search": {"mode": "outcome"}})
    assert read(message).warnings == 2


def test_the_pages_of_an_answer_are_one_answer() -> None:
    found = read_searchset([bundle(study()), bundle(endpoint())], ANNA.bsn, TODAY)
    assert [one.custodian for one in found.studies[0].places] == [NOORD.ura]


def test_references_may_be_absolute() -> None:
    message = answer(endpoint=[{"reference": "https://registry.example/fhir/Endpoint/noord"}])
    assert [one.custodian for one in only(message).places] == [NOORD.ura]


def test_the_subject_may_be_a_patient_who_came_along_or_is_contained() -> None:
    patient = {"resourceType": "Patient", "id": "p", "identifier": [study()["subject"]["identifier"]]}
    beside = bundle(study(subject={"reference": "Patient/p"}), endpoint(), patient)
    within = bundle(study(subject={"reference": "#p"}, contained=[patient]), endpoint())
    assert [only(one).study.uid for one in (beside, within)] == [UID, UID]


def test_an_order_may_be_named_by_identifier_with_its_issuer() -> None:
    kind = {"coding": [{"system": "http://dicom.nema.org/resources/ontology/DCM", "code": "121022"}]}
    order = {"identifier": {"type": kind, "system": "urn:oid:2.16.1", "value": "A-7"}}
    assert only(answer(basedOn=[order])).study.accessions == (Accession("A-1"), Accession("A-7", "2.16.1"))


def test_a_report_may_name_the_report_that_it_replaces() -> None:
    earlier = {"url": systems.REPLACES, "valueReference": {"identifier": report()["identifier"][0]}}
    amended = report(id="r2", identifier=[{"system": "urn:x", "value": "2"}], status="amended", extension=[earlier])
    first, second = sorted(read(bundle(study(), report(), amended)).reports, key=lambda one: one.report.status)
    assert (first.report.replaces, second.report.replaces) == ((second.report.identifier,), ())


def test_a_manifests_endpoint_may_name_its_archive_instead_of_an_address() -> None:
    place = {
        "url": "https://profiles.ihe.net/RAD/MADO/StructureDefinition/retrieve-location-uid",
        "valueOid": "urn:oid:1.2.3",
    }
    nameless = endpoint(address="http://notspecified", extension=[place])
    (found,) = only(bundle(study(), nameless)).places
    assert (found.address, found.location) == ("", "1.2.3")


# What is passed over


@pytest.mark.parametrize(
    "changes",
    [
        {"identifier": None},
        {"identifier": [{"system": "urn:dicom:uid", "value": "urn:oid:1.2."}]},
        {"identifier": [{"system": "urn:dicom:uid", "value": "urn:oid:1." + "3" * 63}]},
        {"identifier": [{"system": "urn:dicom:uid", "value": 7}]},
        {"subject": None},
        {"subject": {"identifier": {"system": "http://fhir.nl/fhir/NamingSystem/bsn", "value": BRAM.bsn.reveal()}}},
        {"subject": {"identifier": {"system": "urn:x", "value": ANNA.bsn.reveal()}}},
        {"subject": "Patient/1"},
    ],
    ids=str,
)
def test_an_entry_without_uid_or_of_another_person_is_counted(changes: dict[str, Any]) -> None:
    found = read(answer(**changes))
    assert (found.studies, found.unreadable) == ((), 1)


@pytest.mark.parametrize("status", ["entered-in-error", "cancelled"])
def test_an_entry_that_was_withdrawn_is_passed_over_in_silence(status: str) -> None:
    found = read(answer(status=status))
    assert (found.studies, found.unreadable) == ((), 0)


def test_a_report_that_was_withdrawn_or_is_another_persons_is_not_shown() -> None:
    other = {"identifier": {"system": "http://fhir.nl/fhir/NamingSystem/bsn", "value": BRAM.bsn.reveal()}}
    for changes, unreadable in (({"status": "entered-in-error"}, 0), ({"subject": other}, 1)):
        found = read(bundle(study(), endpoint(), report(**changes)))
        assert (found.reports, found.unreadable) == ((), unreadable)


@pytest.mark.parametrize("identifier", [[], [{"value": "1"}], [{"system": "urn:x"}]], ids=str)
def test_a_report_without_a_name_of_its_own_is_counted(identifier: list[dict[str, str]]) -> None:
    found = read(bundle(study(), endpoint(), report(identifier=identifier)))
    assert (found.reports, found.unreadable) == ((), 1)


def test_a_report_may_come_without_images() -> None:
    (told,) = read(bundle(report())).reports
    assert told.report.studies == (UID,)


@pytest.mark.parametrize(("day", "known"), [("2026-11-25", True), ("2026-11-26", False), ("2999-01-01", False)])
def test_a_day_in_the_future_is_no_day(day: str, known: bool) -> None:
    assert bool(only(answer(started=day)).study.dates) is known


@pytest.mark.parametrize(
    "changes",
    [
        {"status": "off"},
        {"connectionType": {"code": "hl7-fhir-rest"}},
        {"period": {"end": "2026-11-23"}},
        {"period": {"start": "2026-11-25"}},
        {"id": "west"},
    ],
    ids=str,
)
def test_an_endpoint_that_is_not_in_force_leads_nowhere(changes: dict[str, Any]) -> None:
    assert only(bundle(study(), endpoint(**changes))).places == ()


@pytest.mark.parametrize(
    "changes",
    [
        {"started": "yesterday"},
        {"started": "2024"},
        {"started": 20240301},
        {"modality": "CT"},
        {"modality": [{"code": "<script>"}], "series": None},
        {"series": [{"uid": "x"}, 7, None]},
        {"numberOfInstances": "many"},
        {"description": {"text": "CT"}},
        {"series": {"uid": "1.2.3"}},
    ],
    ids=str,
)
def test_what_cannot_be_read_in_an_entry_is_unknown(changes: dict[str, Any]) -> None:
    assert only(answer(**changes)).study.uid == UID


def test_a_text_is_one_line_without_control_characters() -> None:
    shown = only(answer(description="CT\u0000\n\tthorax \u202e\ud800" + "x" * 500)).study.description
    assert shown.startswith("CT thorax x") and len(shown) == 200
    shown.encode()


# Whatever comes

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=8)
    | st.sampled_from(["Bundle", "ImagingStudy", UID]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


def _places(value: Any) -> list[tuple[Any, Any]]:
    """Every (container, key) in a message."""
    keys = value.keys() if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    return [place for key in keys for place in [(value, key), *_places(value[key])]]


@settings(deadline=None)
@given(st.data(), JSON)
def test_one_odd_value_anywhere_never_breaks_the_reading(data: st.DataObject, odd: Any) -> None:
    message = deepcopy(bundle(study(), study("west"), endpoint(), endpoint("west"), report()))
    container, key = data.draw(st.sampled_from(_places(message)))
    container[key] = odd
    try:
        found = read(message)
    except Malformed:
        assert message["resourceType"] != "Bundle"
        return
    assert {one.study.uid for one in found.studies} <= {UID}


@settings(deadline=None)
@given(st.integers())
def test_the_order_of_an_answer_does_not_matter(seed: int) -> None:
    message = bundle(study(), study("west"), endpoint(), endpoint("west"), report())
    ordered = read(message)
    random.Random(seed).shuffle(message["entry"])
    shuffled = read(message)
    key = repr
    assert sorted(map(key, ordered.studies)) == sorted(map(key, shuffled.studies))
