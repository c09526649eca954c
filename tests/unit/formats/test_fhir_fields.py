"""What may be published, field by field."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.cast import ANNA, NOORD
from tests.index_town import a_study

from beeldpas.domain.errors import Malformed
from beeldpas.formats.fhir import bundles, systems, text
from beeldpas.formats.fhir.fields import FIELDS, check_fields, is_when
from beeldpas.formats.fhir.publication import (
    PublishingHospital,
    endpoint_resource,
    report_resource,
    study_resource,
)

HOSPITAL = PublishingHospital(NOORD.gateway_id, NOORD.name, NOORD.ura, "https://noord.example")
STUDY = a_study(ANNA.bsn)
PUBLISHED = {
    "ImagingStudy": study_resource(STUDY, HOSPITAL),
    "Endpoint": endpoint_resource(HOSPITAL),
    "DiagnosticReport": report_resource(STUDY.reports[0], STUDY, HOSPITAL),
}
# docs/wire.md §2: what the list must never come to hold.
NEVER = {"conclusion", "conclusionCode", "presentedForm", "text", "contained", "note", "extension", "result", "media"}


@pytest.mark.parametrize("kind", PUBLISHED)
def test_what_we_publish_is_on_the_list(kind: str) -> None:
    assert check_fields(PUBLISHED[kind]) == kind


def test_the_list_has_no_place_for_what_a_report_says() -> None:
    report = FIELDS["DiagnosticReport"]
    assert isinstance(report, dict)
    assert report.keys() & NEVER == {"extension"}  # of which nothing but a day has a place, see below


@given(value=st.text() | st.integers() | st.none() | st.dictionaries(st.text(), st.text()))
def test_a_reports_one_extension_holds_the_day_of_an_embargo_and_no_words(value: Any) -> None:
    report = PUBLISHED["DiagnosticReport"]
    unfit = [
        {"url": systems.READABLE_FROM, "valueString": value},
        {"url": "urn:other", "valueDate": "2026-12-24"},
        {"url": systems.READABLE_FROM, "valueDate": "2026-12-24", "extension": [value]},
    ]
    if not (isinstance(value, str) and is_when(value)):
        unfit.append({"url": systems.READABLE_FROM, "valueDate": value})
    for extension in unfit:
        with pytest.raises(Malformed):
            check_fields(report | {"extension": [extension]})
    day = {"url": systems.READABLE_FROM, "valueDate": "2026-12-24"}
    assert check_fields(report | {"extension": [day]}) == "DiagnosticReport"


@pytest.mark.parametrize("kind", PUBLISHED)
@given(name=st.text(min_size=1), value=st.recursive(st.text() | st.integers() | st.none(), st.lists, max_leaves=3))
def test_no_field_outside_the_list_passes(kind: str, name: str, value: Any) -> None:
    known = FIELDS[kind]
    assert isinstance(known, dict)
    if name in known:
        return
    with pytest.raises(Malformed) as refused:
        check_fields(PUBLISHED[kind] | {name: value})
    assert refused.value.reason == "invalid_resource"


@given(
    st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), lambda inner: st.lists(inner))
)
def test_no_field_takes_a_value_of_another_shape(value: Any) -> None:
    for kind, resource in PUBLISHED.items():
        for name in resource.keys() - {"resourceType"}:
            try:
                check_fields(resource | {name: value})
            except Malformed:
                continue
            is_list_of_texts = isinstance(value, list) and all(isinstance(one, str) for one in value)
            fits = is_list_of_texts if name == "payloadMimeType" else isinstance(value, str) or type(value) is int
            assert fits, (kind, name, value)


@pytest.mark.parametrize(
    "when", ["2024", "2024-02", "2024-02-29", "2024-02-29T10:30:00Z", "2024-02-29T10:30:00.5+01:00"]
)
def test_a_moment_as_fhir_writes_it(when: str) -> None:
    assert is_when(when)


@pytest.mark.parametrize(
    "when",
    ["", "24", "2024-2-1", "2023-02-29", "2024-13", "2024-02-29T10:30:00", "2024-02-29T25:00:00Z", "x", "２０２４"],
)
def test_what_is_no_moment(when: str) -> None:
    assert not is_when(when)


def test_an_entry_that_is_withdrawn_keeps_who_and_which_and_nothing_more() -> None:
    entry = study_resource(a_study(ANNA.bsn, withdrawn=True), HOSPITAL)
    assert set(entry) == {
        "resourceType", "meta", "extension", "identifier", "status", "subject", "endpoint"
    }  # fmt: skip
    assert len(entry["identifier"]) == 1


def test_a_transaction_is_read_as_it_was_written() -> None:
    puts = bundles.read_transaction(bundles.transaction(HOSPITAL, [STUDY]))
    assert [put.resource for put in puts] == [
        PUBLISHED[kind] for kind in ("Endpoint", "ImagingStudy", "DiagnosticReport")
    ]
    assert puts[1].url == f"ImagingStudy?identifier=urn:dicom:uid%7Curn:oid:{STUDY.study_uid}"


@pytest.mark.parametrize(
    "body", [b"", b"\xff", b"1", b'"x"', b"[]", b"{", b'{"a": NaN}', b'{"a": Infinity}', b"[" * 99_999]
)
def test_what_is_no_json_object_is_malformed(body: bytes) -> None:
    with pytest.raises(Malformed):
        text.parse(body)


def test_equal_resources_are_written_the_same() -> None:
    assert text.render({"b": 1, "a": "é"}) == text.render({"a": "é", "b": 1}) == '{"a":"é","b":1}'
