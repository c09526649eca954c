"""What the preview says is what the archive holds, counted from the files; and the receiver's check agrees."""

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pydicom
import pytest
from tests.cast import ANNA, Person
from tests.hospital import Served, ingest, open_hospital
from tests.hospital_images import BRAMS_CT, HEAD_CT, KNEE_MR, image, save
from typer.testing import CliRunner

from beeldpas.formats import jose
from beeldpas.formats.question import Question, sign_question
from beeldpas.keys import public_file
from beeldpas.receiver.commands import app

WITHHELD = "1.2.826.0.1.7"
ASKED = [HEAD_CT, KNEE_MR, BRAMS_CT, WITHHELD, "1.2.3.4"]
QUESTION = Question("patient", "patient", "pseudonym-1", "Portaal", "PATRQT", "own")


@dataclass(frozen=True)
class Both:
    """The same selection, asked about and downloaded."""

    preview: dict[str, Any]
    archive: Path
    keys: Path

    def headers(self) -> Iterator[tuple[int, pydicom.Dataset]]:
        """Every DICOM file in the archive but the directory, with its size."""
        with ZipFile(self.archive) as opened:
            for entry in opened.infolist():
                if entry.filename.startswith("DICOM/"):
                    content = opened.read(entry)
                    yield len(content), pydicom.dcmread(BytesIO(content), stop_before_pixels=True)

    def manifest(self) -> dict[str, Any]:
        with ZipFile(self.archive) as opened:
            signed = json.loads(opened.read("MANIFEST.JSN"))
        return json.loads(jose._decode(signed["payload"]))


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    folder = tmp_path_factory.mktemp("noord")
    with open_hospital(folder) as noord:
        save(image(WITHHELD, 1, 1, Person("Iemand", ANNA.bsn, ANNA.birth_date, "F")), folder / "files")
        ingest(noord.house.settings)
        told = ask(noord)
        path, lease = noord.lease(ASKED)
        archive = folder / "archive.zip"
        archive.write_bytes(noord.client.get(path, headers=lease).content)
        yield Both(told, archive, public_file(noord.house.settings.key_file))


def ask(noord: Served) -> dict[str, Any]:
    now, portal = datetime.now(UTC), noord.portal
    token = sign_question(QUESTION, issuer=portal.base_url, audience=noord.url, now=now, key=portal.keys).reveal()
    body, headers = {"studies": ASKED, "language": "nl"}, {"Authorization": f"Bearer {token}"}
    answer = noord.client.post("/preview", json=body, headers=headers)
    keys = jose.load_keys(public_file(noord.house.settings.key_file))
    return jose.verify(
        answer.text, typ="preview+jwt", keys=keys, issuer=noord.url, audience=portal.base_url, now=datetime.now(UTC)
    )


def test_every_study_and_series_has_the_files_and_bytes_that_were_told(both):
    counted: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for size, header in both.headers():
        for key in ((header.StudyInstanceUID, ""), (header.StudyInstanceUID, header.SeriesInstanceUID)):
            counted[key][0] += 1
            counted[key][1] += size
    told = {(study["uid"], ""): [study["instances"], study["size_bytes"]] for study in both.preview["studies"]}
    told |= {
        (study["uid"], series["uid"]): [series["instances"], series["size_bytes"]]
        for study in both.preview["studies"]
        for series in study["series"]
    }
    assert told == dict(counted)


def test_a_series_is_what_it_was_told_to_be(both):
    found = {
        (header.SeriesInstanceUID, int(header.SeriesNumber), header.Modality, header.get("SeriesDescription", ""))
        for _, header in both.headers()
    }
    assert found == {
        (series["uid"], series["number"], series["modality"], series["description"])
        for study in both.preview["studies"]
        for series in study["series"]
    }


def test_the_identifiers_inside_are_those_that_were_shown(both):
    found = defaultdict(set)
    for _, header in both.headers():
        born = datetime.strptime(header.PatientBirthDate, "%Y%m%d").replace(tzinfo=UTC).date().isoformat()
        who = (str(header.PatientName), born, header.PatientSex, header.PatientID, header.IssuerOfPatientID)
        found[header.StudyInstanceUID].add(who)
    shown = ("name", "birth_date", "sex", "patient_id", "patient_id_issuer")
    assert dict(found) == {
        study["uid"]: {tuple(study["identity"][name] for name in shown)} for study in both.preview["studies"]
    }


def test_the_reports_are_those_that_were_shown_and_as_large(both):
    suffixes = {"PDF": "pdf", "HTM": "sr"}
    with ZipFile(both.archive) as opened:
        sizes = {
            entry.filename: entry.file_size for entry in opened.infolist() if entry.filename.startswith("REPORTS/")
        }
    listed = {one["path"]: one for one in both.manifest()["reports"]}
    found = [
        (listed[path]["study_uid"], listed[path]["sop_uid"], listed[path]["title"], suffixes[path[-3:]], size)
        for path, size in sizes.items()
    ]
    assert found == [
        (study["uid"], report["sop_uid"], report["title"], report["kind"], report["size_bytes"])
        for study in both.preview["studies"]
        for report in study["reports"]
    ]


def test_what_is_withheld_or_not_here_is_in_neither(both):
    assert both.preview["missing"] == [WITHHELD, "1.2.3.4"]
    assert {header.StudyInstanceUID for _, header in both.headers()} == set(ASKED) - {WITHHELD, "1.2.3.4"}


def test_the_list_inside_says_the_same(both):
    told = {study["uid"]: (study["instances"], study["size_bytes"]) for study in both.preview["studies"]}
    assert told == {study["uid"]: (study["instances"], study["size_bytes"]) for study in both.manifest()["studies"]}


def test_the_receiver_proves_it_offline(both):
    done = CliRunner().invoke(app, [str(both.archive), "--keys", str(both.keys), "--json"])
    told = json.loads(done.output)
    assert (done.exit_code, told["verdict"], told["signature"]) == (0, "proven", "valid")
    assert told["files"]["listed"] == sum(1 for _ in both.headers()) + 2 + 3  # reports, and what the gateway wrote
