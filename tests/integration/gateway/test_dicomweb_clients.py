"""The command line client of other people, and what somebody learns who asks for what was not given: nothing."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from sqlalchemy import event
from tests.hospital import Served, open_hospital
from tests.hospital_images import BRAMS_CT, HEAD_CT, KNEE_MR, fill, image, save
from tests.viewing import get

LOOK = "1.2.826.0.1.3"
OF_IMAGES = ("study", "series", "instance", "instance_metadata", "index_change", "study_owner")
FOREIGN = [KNEE_MR, BRAMS_CT, LOOK, *(f"{BRAMS_CT}.{number}" for number in range(1, 8))]
NOWHERE = [f"1.2.826.0.1.77.{number}" for number in range(10)]
DOORS = ["", "/metadata", "/series", "/instances", "/thumbnail", "/series/{0}.1", "/series/{0}.1/metadata",
         "/series/{0}.1/instances/{0}.1.1/frames/1", "/series/{0}.1/instances/{0}.1.1/rendered"]  # fmt: skip


@pytest.fixture(scope="module")
def noord(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("noord")
    fill(folder / "files")
    save(image(LOOK, 1, 1, sample="emri_small_jpeg_2k_lossless.dcm"), folder / "files" / "look")
    with open_hospital(folder) as served:
        yield served


def run(noord: Served, *words: str) -> str:
    """Run the client as a person would."""
    token = noord.token([HEAD_CT, LOOK])["Authorization"].removeprefix("Bearer ")
    command = [str(Path(sys.executable).parent / "dicomweb_client"), "--url", f"{noord.url}/dicom-web"]
    done = subprocess.run([*command, "--bearer-token", token, *words], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_command_line_client_searches_and_retrieves(noord: Served, tmp_path: Path):
    studies = json.loads(run(noord, "search", "studies", "--filter", "PatientName=jansen*"))
    assert sorted(study["0020000D"]["Value"][0] for study in studies) == [HEAD_CT, LOOK]
    headers = json.loads(run(noord, "retrieve", "series", "--study", HEAD_CT, "--series", f"{HEAD_CT}.1", "metadata"))
    assert [header["00200013"]["Value"] for header in headers] == [[1], [2], [3], [4], [5]]
    run(noord, "retrieve", "studies", "--study", HEAD_CT, "full", "--save", "--output-dir", str(tmp_path))
    saved = [pydicom.dcmread(file) for file in tmp_path.iterdir()]
    assert len(saved) == 9
    where = ["--study", LOOK, "--series", f"{LOOK}.1", "--instance", f"{LOOK}.1.1"]
    folder = tmp_path / "one"
    folder.mkdir()
    run(noord, "retrieve", "instances", *where, "full", "--save", "--output-dir", str(folder))
    (file,) = folder.iterdir()
    source = pydicom.dcmread(noord.portal.folder / "files" / "look" / f"{LOOK}.1.1.dcm")
    assert np.array_equal(pydicom.dcmread(file).pixel_array, source.pixel_array)


@contextmanager
def questions(noord: Served) -> Iterator[list[str]]:
    """What the gateway asks its index in the meantime; its own bookkeeping left out."""
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if any(f"FROM {table} " in statement.replace("\n", " ") + " " for table in OF_IMAGES):
            asked.append(statement)

    engine = noord.house.engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    yield asked
    event.remove(engine, "before_cursor_execute", note)


@pytest.mark.parametrize("door", DOORS)
def test_ten_foreign_studies_are_no_other_than_ten_that_do_not_exist(noord: Served, door: str):
    answers, work = set(), []
    get(noord, "studies")  # what the hospital's own rules say of the studies of the grant is asked once
    for uid in [*FOREIGN, *NOWHERE]:
        with questions(noord) as asked:
            answer = get(noord, f"studies/{uid}{door.format(uid)}")
        seen = {name: value for name, value in answer.headers.items() if name != "date"}
        answers.add((answer.status_code, answer.content, json.dumps(seen, sort_keys=True)))
        work.append(asked)
    assert len(answers) == 1
    assert answers.pop()[0] == 404
    assert work == [[]] * 20, "the index was asked about a study that was not granted"


def test_a_granted_study_is_asked_for(noord: Served):
    with questions(noord) as asked:
        assert get(noord, f"studies/{HEAD_CT}/metadata").status_code == 200
    assert asked


def test_ten_foreign_studies_in_a_search_are_no_other_than_ten_that_do_not_exist(noord: Served):
    work = []
    for uids in (FOREIGN, NOWHERE):
        with questions(noord) as asked:
            answer = get(noord, f"studies?StudyInstanceUID={','.join(uids)}")
        assert (answer.status_code, answer.content) == (204, b"")
        work.append(asked)
    assert work[0] == work[1] == []
