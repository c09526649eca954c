"""What is spliced says the same as what is read and written anew."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.cast import ANNA
from tests.index_town import a_study

from beeldpas.formats.fhir.publication import PublishingHospital, endpoint_resource, report_resource, study_resource
from beeldpas.formats.fhir.text import Resource, render
from beeldpas.registry.answer import instant, resource_of
from beeldpas.registry.splicing import referring, spliced
from beeldpas.registry.store.kept import Kept

NOORD = PublishingHospital("noord", "Ziekenhuis Noord", "90000101", "http://noord.localhost:9001")
NOW = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
SUBJECT = {"identifier": {"system": "urn:x", "value": "somebody"}}
STUDY = a_study(ANNA.bsn, study_uid="1.2.3")
WORDS = st.text(st.characters(blacklist_categories=("Cs", "Cc")), min_size=1, max_size=60) | st.sampled_from(
    ['"meta":{', '\\"meta\\":{', '","meta":{"tag":[]},"x":"', '"imagingStudy":[{"identifier":', '"security":', "}"]
)


def kept(resource: Resource) -> Kept:
    said = {name: value for name, value in resource.items() if name != "subject"}
    return Kept("e-1", "noord", "1.2.3", 7, NOW, render(said))


@given(WORDS, WORDS)
def test_a_study_in_whatever_words_is_spliced_as_it_would_be_written(description: str, accession: str) -> None:
    entry = kept(study_resource(replace(STUDY, description=description, accession=accession), NOORD))
    quick = spliced(entry, render(SUBJECT), instant(NOW))
    assert quick is None or json.loads(quick) == resource_of(entry) | {"subject": SUBJECT}
    assert quick is not None or '"security":' in entry.resource


def test_an_endpoint_and_a_report_are_spliced_too() -> None:
    for resource in (endpoint_resource(NOORD), report_resource(STUDY.reports[0], STUDY, NOORD)):
        quick = spliced(kept(resource), "", instant(NOW))
        assert quick is not None and json.loads(quick) == resource_of(kept(resource))


@pytest.mark.parametrize("held", [{"noord": "e-9", "aa": "e-8"}, {"west": "e-7", "zuid": "e-6"}])
def test_a_report_refers_to_its_own_hospitals_study_where_it_can(held: Mapping[str, str]) -> None:
    text = kept(report_resource(STUDY.reports[0], STUDY, NOORD)).resource
    told = referring(text, "noord", {"1.2.3": held})
    assert told is not None
    (reference,) = json.loads(told)["imagingStudy"]
    assert reference["reference"] == f"ImagingStudy/{held.get('noord', 'e-7')}"
    assert json.loads(text)["imagingStudy"] == [{"identifier": reference["identifier"]}]


def test_a_report_about_nothing_that_was_found_stays_out() -> None:
    text = kept(report_resource(STUDY.reports[0], STUDY, NOORD)).resource
    assert referring(text, "noord", {"1.2.4": {"noord": "e-9"}}) == ""


def test_what_is_in_another_form_goes_the_long_way() -> None:
    entry = kept(study_resource(STUDY, NOORD))
    assert spliced(replace(entry, withheld=("providers",)), "", "") is None
    assert spliced(replace(entry, resource=""), "", "") is None
    both = {"imagingStudy": [{"identifier": {"system": "urn:dicom:uid", "value": f"urn:oid:{uid}"}} for uid in "12"]}
    assert referring(render(both), "noord", {}) is None
