"""The demo's hospitals: real images under made-up people, the same every time."""

from pathlib import Path

import pytest
from pydicom import dcmread

from beeldpas.demo.check.sources import Sources
from beeldpas.demo.curation import COLLECTIONS, HOSPITALS, LARGE
from beeldpas.demo.people import PATIENTS
from beeldpas.demo.samples import make_samples


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("samples")
    assert make_samples(folder)
    return folder


def test_a_second_time_nothing_is_made(samples: Path) -> None:
    assert make_samples(samples) is False


def test_they_are_the_same_every_time(samples: Path, tmp_path: Path) -> None:
    make_samples(tmp_path)
    for hospital in HOSPITALS:
        assert Sources.read(tmp_path / hospital.gateway_id) == Sources.read(samples / hospital.gateway_id)


def test_there_are_eight_studies_of_every_kind(samples: Path) -> None:
    seen = {}
    for file in samples.rglob("*.dcm"):
        header = dcmread(file, specific_tags=["StudyInstanceUID", "Modality"])
        seen.setdefault(header.StudyInstanceUID, set()).add(header.Modality)
    assert len(seen) >= 8
    assert {"CT", "MR", "CR", "US", "SR", "DOC"} <= set().union(*seen.values())


def test_one_study_is_at_two_hospitals(samples: Path) -> None:
    holders = [Sources.read(samples / hospital.gateway_id) for hospital in HOSPITALS]
    studies = [{one.study for one in holder.instances} for holder in holders]
    assert len(studies[0] & studies[1]) == 1


def test_one_study_is_large(samples: Path) -> None:
    sources = Sources.read(samples / LARGE.hospital.gateway_id)
    sizes = [sources.size(frozenset({one.study})) for one in sources.instances]
    assert max(sizes) >= 200_000_000


def test_every_instance_has_its_own_uid(samples: Path) -> None:
    for hospital in HOSPITALS:
        uids = [one.uid for one in Sources.read(samples / hospital.gateway_id).instances]
        assert len(uids) == len(set(uids))


def test_everybody_is_made_up(samples: Path) -> None:
    names = {patient.dicom_name for patient in PATIENTS}
    for file in samples.rglob("*.dcm"):
        assert str(dcmread(file, specific_tags=["PatientName"]).PatientName) in names


def test_some_preambles_are_as_they_were_found(samples: Path) -> None:
    preambles = [file.read_bytes()[:128] for file in (samples / "noord").rglob("*.dcm")]
    assert any(preamble.strip(b"\0") for preamble in preambles)


def test_every_collection_belongs_to_somebody_the_hospital_knows() -> None:
    for collection in COLLECTIONS:
        assert collection.hospital.gateway_id in collection.patient.numbers
