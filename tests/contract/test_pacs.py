"""What every kind of PACS must do; a new kind is one more line in KINDS. The other side is a real Orthanc."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pydicom
import pytest
from pydantic import TypeAdapter
from tests import orthanc
from tests.cast import BRAM
from tests.hospital_images import BRAMS_CT, HEAD_CT, image, pdf_report, save, structured_report

from beeldpas.domain.errors import Unavailable
from beeldpas.gateway.pacs.open import open_pacs
from beeldpas.gateway.pacs.port import Pacs, StudyQuery, Tally
from beeldpas.gateway.pacs.settings import AnyPacs

KINDS = {"dicomweb": orthanc.dicomweb, "dimse": orthanc.dimse}
# One study as scanners leave it: six transfer syntaxes, with reports.
SAMPLES = (
    "CT_small.dcm",
    "JPEG2000.dcm",
    "SC_rgb_rle.dcm",
    "image_dfl.dcm",
    "JPEG-lossy.dcm",
    "MR_small_bigendian.dcm",
)


@dataclass(frozen=True)
class Archive:
    """The files that the PACS was given, and the PACS."""

    files: dict[str, Path]
    pacs: Any


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    folder = tmp_path_factory.mktemp("pacs")
    images = [image(HEAD_CT, number, 1, sample=sample) for number, sample in enumerate(SAMPLES, 1)]
    images += [pdf_report(HEAD_CT, 8), structured_report(HEAD_CT, 9), image(BRAMS_CT, 1, 1, BRAM)]
    files = {str(one.SOPInstanceUID): save(one, folder / "files") for one in images}
    with orthanc.orthanc_with(folder, list(files.values())) as pacs:
        yield Archive(files, pacs)


@pytest.fixture(params=KINDS)
def pacs(request: pytest.FixtureRequest, archive: Archive) -> Iterator[Pacs]:
    settings = TypeAdapter(AnyPacs).validate_python(KINDS[request.param](archive.pacs))
    opened = open_pacs(settings, None)
    yield opened
    opened.close()


def test_it_lists_the_studies_of_a_patient(pacs: Pacs) -> None:
    (study,) = pacs.studies(StudyQuery("4711"))
    identity = study.identity
    assert (study.uid, study.study_date, study.instances) == (HEAD_CT, "20260503", 8)
    assert (identity.patient_id, identity.name, identity.birth_date, identity.sex) == (
        "4711",
        "Jansen^Anna",
        date(1952, 3, 8),
        "F",
    )
    assert pacs.studies(StudyQuery("0815")) == []


def test_it_lists_the_studies_of_some_days(pacs: Pacs) -> None:
    day = date(2026, 5, 3)
    assert {study.uid for study in pacs.studies(StudyQuery(first=day, last=day))} == {HEAD_CT, BRAMS_CT}
    assert pacs.studies(StudyQuery(first=date(2026, 5, 4))) == []


def test_it_lists_the_series_of_a_study(pacs: Pacs) -> None:
    found = {series.number: (series.modality, series.instances) for series in pacs.series(HEAD_CT)}
    assert (len(found), found[1], found[8]) == (8, ("CT", 1), ("DOC", 1))


def test_every_instance_arrives_as_the_pacs_keeps_it(pacs: Pacs, archive: Archive, tmp_path: Path) -> None:
    tally = Tally()
    pacs.fetch(HEAD_CT, tmp_path, tally)
    arrived = {str(one.SOPInstanceUID): one for one in map(pydicom.dcmread, tmp_path.iterdir())}
    assert arrived.keys() == {uid for uid in archive.files if uid.startswith(HEAD_CT)}
    for uid, found in arrived.items():
        stored = pydicom.dcmread(archive.files[uid])
        assert found.file_meta.TransferSyntaxUID == stored.file_meta.TransferSyntaxUID
        assert found.get("PixelData") == stored.get("PixelData")
    size = sum(file.stat().st_size for file in tmp_path.iterdir())
    assert (tally.files, tally.bytes >= size) == (8, True)


def test_a_study_that_is_not_there_is_an_error_and_no_empty_success(pacs: Pacs, tmp_path: Path) -> None:
    with pytest.raises(Unavailable) as error:
        pacs.fetch("1.2.3.4", tmp_path, Tally())
    assert (error.value.source, error.value.reason) == ("pacs", "no_instances")


def test_a_fetch_that_is_halted_ends(pacs: Pacs, tmp_path: Path) -> None:
    tally = Tally()
    tally.halt("kill_switch")
    with pytest.raises(Unavailable) as error:
        pacs.fetch(HEAD_CT, tmp_path, tally)
    assert error.value.reason == "kill_switch"


# pynetdicom leaves the socket of a connection that was refused to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(
    "nobody",
    [
        {"kind": "dicomweb", "base_url": "http://127.0.0.1:9/dicom-web"},
        {"kind": "dimse", "host": "127.0.0.1", "port": 9, "called_aet": "NOBODY"},
    ],
    ids=["dicomweb", "dimse"],
)
def test_a_pacs_that_is_not_there_is_unreachable(nobody: dict[str, Any]) -> None:
    opened = open_pacs(TypeAdapter(AnyPacs).validate_python(nobody), None)
    with pytest.raises(Unavailable) as error:
        opened.studies(StudyQuery("4711"))
    assert (error.value.reason, error.value.retryable) == ("pacs_unreachable", True)
