"""Dr. Dekker downloaded Anna's head CT yesterday; today a technologist rejects a slice. Who must be told, what the
next download says, and what happens to those under way."""

import asyncio
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from tests.cast import ANNA, BRAM
from tests.hospital import Served, ingest, open_hospital, wait_until
from tests.hospital_images import HEAD_CT, KNEE_MR, image, large_image, save, structured_report
from tests.hospital_notes import rejection_note, replaces
from tests.slow_client import SlowClient

from beeldpas.database.engine import open_engine, transaction
from beeldpas.formats.evidence import QUALITY, SAFETY
from beeldpas.formats.jose import load_keys
from beeldpas.formats.manifest import read_manifest
from beeldpas.gateway.administration import recalls
from beeldpas.gateway.indexing import generation
from beeldpas.keys import public_file

SECOND, MEGABYTE = f"{HEAD_CT}.1.2", 1_000_000


@pytest.fixture
def noord(tmp_path: Path) -> Iterator[Served]:
    with open_hospital(tmp_path) as served:
        yield served


def files(noord: Served) -> Path:
    return noord.portal.folder / "files"


def take_back(noord: Served, *sop_uids: str, code: str = QUALITY, number: int = 1) -> None:
    save(rejection_note(HEAD_CT, *sop_uids, code=code, number=number), files(noord))
    ingest(noord.house.settings)


def get(noord: Served, **changed: Any) -> ZipFile:
    path, lease = noord.lease([HEAD_CT], **changed)
    answer = noord.client.get(path, headers=lease)
    assert answer.status_code == 200
    return ZipFile(BytesIO(answer.content))


def told(noord: Served) -> list[dict[str, Any]]:
    return asyncio.run(recalls(noord.house.settings))


def now(noord: Served) -> int:
    async def read() -> int:
        engine = open_engine(noord.house.settings.database_url)
        async with transaction(engine) as connection:
            found = await generation(connection)
        await engine.dispose()
        return found

    return asyncio.run(read())


def test_who_downloaded_it_yesterday_is_listed_and_who_comes_later_is_not(noord):
    confirmed = now(noord)
    get(noord, index=1, details_confirmed={"generation": confirmed})
    take_back(noord, SECOND, code=SAFETY)
    get(noord, index=2)
    (event,) = told(noord)
    assert (event["reason"], event["code"], event["instances"]) == ("rejected", SAFETY, [SECOND])
    assert (event["grant"], event["receiver"]["name"], event["study_uid"]) == ("grant-1", "Dr. D. Dekker", HEAD_CT)
    assert (event["delivery"]["kind"], event["delivery"]["outcome"]) == ("download", "completed")
    own = {row["event_id"] for row in noord.log() if row["kind"] == "download"}
    assert event["delivery"]["event_id"] in own
    assert told(noord) == [event], "the command says the same when it is run again"
    assert ANNA.bsn.reveal() not in str(event)
    figures = noord.client.get("/metrics").text
    assert "beeldpas_gateway_recalls 1.0" in figures and "beeldpas_gateway_instances_rejected 1.0" in figures


def test_the_next_download_says_what_changed_since_the_choice_and_since_the_last_one(noord):
    confirmed = now(noord)
    first = get(noord, index=1, details_confirmed={"generation": confirmed})
    assert b"Gewijzigd" not in first.read("README.TXT")
    take_back(noord, SECOND)
    save(image(HEAD_CT, 1, 6), files(noord))
    ingest(noord.house.settings)
    second = get(noord, index=1, details_confirmed={"generation": confirmed})
    readme = second.read("README.TXT").decode()
    line = "DICOM/ST000001: 1 ingetrokken (kwaliteit onvoldoende), 1 toegevoegd"
    assert readme.count(line) == 2 and "Gewijzigd sinds uw vorige download" in readme
    assert "Gewijzigd sinds de patient deze beelden koos" in readme
    page = second.read("INDEX.HTM").decode()
    assert "1 withdrawn (insufficient quality), 1 added" in page and line in page
    keys = load_keys(public_file(noord.house.settings.key_file))
    changed = read_manifest(second.read("MANIFEST.JSN"), keys)["changes"]["since_confirmed"]
    assert changed[0]["rejected"] == [{"sop_uid": SECOND, "code": QUALITY}]


def test_a_download_counts_for_what_its_lease_held_not_for_when_it_was_fetched(noord):
    path, lease = noord.lease([HEAD_CT], index=1)
    save(image(HEAD_CT, 1, 6), files(noord))
    ingest(noord.house.settings)
    assert len(ZipFile(BytesIO(noord.client.get(path, headers=lease).content)).namelist()) == 15
    take_back(noord, f"{HEAD_CT}.1.6")
    assert told(noord) == [], "nobody got the slice that came and went"
    save(image(HEAD_CT, 1, 7), files(noord))
    ingest(noord.house.settings)
    readme = get(noord, index=1).read("README.TXT").decode()
    assert "Gewijzigd sinds uw vorige download" in readme and "DICOM/ST000001: 1 toegevoegd" in readme


def test_what_the_last_download_held_already_is_not_said_again(noord):
    confirmed = now(noord)
    take_back(noord, SECOND)
    for _ in range(2):
        readme = get(noord, details_confirmed={"generation": confirmed}, language="en").read("README.TXT").decode()
        assert "Changed since the patient chose these images" in readme and "earlier download" not in readme


def test_a_resume_of_what_was_taken_back_ends_with_a_clear_answer(noord):
    path, lease = noord.lease([HEAD_CT])
    whole = noord.client.get(path, headers=lease)
    take_back(noord, SECOND)
    resume = {**lease, "Range": "bytes=1000-", "If-Range": whole.headers["etag"]}
    answer = noord.client.get(path, headers=resume)
    assert (answer.status_code, answer.json()["type"]) == (410, "urn:beeldpas:problem:download_changed")
    page = noord.client.get(path, headers={**resume, "Accept": "text/html"})
    assert (page.status_code, "De beelden zijn veranderd" in page.text) == (410, True)


def test_a_rejected_slice_is_in_no_door(noord):
    take_back(noord, SECOND)
    note = f"{HEAD_CT}.99.1"
    base = f"/dicom-web/studies/{HEAD_CT}"
    listed = noord.client.get(f"{base}/metadata", headers=noord.token([HEAD_CT])).json()
    uids = {one["00080018"]["Value"][0] for one in listed}
    assert len(uids) == 8 and not uids & {SECOND, note}
    for series, uid in ((f"{HEAD_CT}.1", SECOND), (f"{HEAD_CT}.99", note)):
        answer = noord.client.get(f"{base}/series/{series}/instances/{uid}", headers=noord.token([HEAD_CT]))
        assert answer.status_code == 404
    assert len([name for name in get(noord).namelist() if name.startswith("DICOM/")]) == 8


def test_who_looked_at_another_slice_only_is_not_told(noord):
    base = f"/dicom-web/studies/{HEAD_CT}/series/{HEAD_CT}.1/instances"
    for index, number in ((1, 1), (2, 2)):
        answer = noord.client.get(f"{base}/{HEAD_CT}.1.{number}", headers=noord.token([HEAD_CT], index=index))
        assert answer.status_code == 200
    noord.clock.pass_by(seconds=61)
    wait_until(lambda: len([one for one in noord.portal.told if one["kind"] == "retrieve"]) == 2)
    take_back(noord, SECOND)
    assert [(one["grant"], one["delivery"]["kind"]) for one in told(noord)] == [("grant-2", "retrieve")]


def test_a_report_is_amended_and_the_old_one_labelled(noord):
    get(noord, index=1)
    old = f"{HEAD_CT}.4.1"
    new = replaces(structured_report(HEAD_CT, 5), old)
    save(new, files(noord))
    ingest(noord.house.settings)
    again = get(noord, index=1)
    readme = again.read("README.TXT").decode()
    assert "DICOM/ST000001: 1 verslag vervangen door een nieuwere versie" in readme
    assert "REPORTS/R0000002.HTM  vervangen door REPORTS/R0000003.HTM" in readme
    assert [(one["reason"], one["instances"]) for one in told(noord)] == [("amended", [old])]


@pytest.fixture
def large(tmp_path: Path) -> Iterator[Served]:
    """Two studies that take a while."""
    for study in (HEAD_CT, KNEE_MR):
        for number in range(1, 5):
            save(large_image(study, number, 4 * MEGABYTE), tmp_path / "files" / study)
    with open_hospital(tmp_path) as served:
        yield served


def begin(noord: Served, study: str, index: int) -> SlowClient:
    path, lease = noord.lease([study], index=index)
    client = SlowClient(noord.url + path, lease)
    client.read(MEGABYTE)
    return client


def test_what_endangers_a_patient_is_cut_while_it_runs_and_the_neighbour_goes_on(large):
    doomed, spared = begin(large, HEAD_CT, 1), begin(large, KNEE_MR, 2)
    take_back(large, SECOND, code=SAFETY)
    wait_until(lambda: not any(HEAD_CT in transfer.studies for transfer in large.house.transfers))
    doomed.drain()
    spared.drain()
    assert doomed.broken and spared.is_whole
    wait_until(lambda: any(one["phase"] == "ended" and one["outcome"] == "cut" for one in large.portal.told))
    assert [(one["grant"], one["delivery"]["outcome"]) for one in told(large)] == [("grant-1", "cut")]


def test_what_is_only_of_poor_quality_runs_on_and_is_listed_afterwards(large):
    client = begin(large, HEAD_CT, 1)
    take_back(large, SECOND)
    client.drain()
    assert client.is_whole
    wait_until(lambda: any(one["phase"] == "ended" for one in large.portal.told))
    assert [(one["code"], one["delivery"]["outcome"]) for one in told(large)] == [(QUALITY, "completed")]


def test_a_study_that_moves_to_another_patient_vanishes_at_once_for_shares_of_before(large):
    confirmed = {"generation": now(large)}
    client = begin(large, HEAD_CT, 1)
    viewer = large.token([HEAD_CT], details_confirmed=confirmed)
    path = f"/dicom-web/studies/{HEAD_CT}/metadata"
    assert large.client.get(path, headers=viewer).status_code == 200
    for number in range(1, 5):
        moved = large_image(HEAD_CT, number, 4 * MEGABYTE)
        moved.PatientID, moved.PatientName, moved.PatientSex = "8022", BRAM.name, BRAM.sex
        moved.PatientBirthDate = BRAM.birth_date.strftime("%Y%m%d")
        save(moved, files(large) / HEAD_CT)
    ingest(large.house.settings)
    client.drain()
    assert client.broken
    wait_until(lambda: large.client.get(path, headers=viewer).status_code == 404)
    late, lease = large.lease([HEAD_CT, KNEE_MR], details_confirmed=confirmed)
    names = ZipFile(BytesIO(large.client.get(late, headers=lease).content)).namelist()
    assert len([name for name in names if name.startswith("DICOM/")]) == 4
    brams = large.token([HEAD_CT], details_confirmed={"generation": now(large)})
    assert large.client.get(path, headers=brams).status_code == 200
    assert "moved" in {one["reason"] for one in told(large)}
