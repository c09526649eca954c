"""Staging from a real PACS: listed without an image, fetched when it is shared, served whole, gone afterwards."""

from __future__ import annotations

import asyncio
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest
from tests import orthanc
from tests.cast import ANNA, BRAM
from tests.hospital import Served, serving, settings, wait_until
from tests.hospital_images import (
    BRAMS_CT,
    HEAD_CT,
    KNEE_MR,
    crosswalk_csv,
    image,
    pdf_report,
    save,
    structured_report,
)
from tests.hospital_portal import portal
from tests.staging import ask_staging, preview_of, state_of

from beeldpas.demo.processes import free_ports
from beeldpas.gateway import administration

KINDS = {"dicomweb": orthanc.dicomweb, "dimse": orthanc.dimse}


@pytest.fixture(params=KINDS)
def noord(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Served]:
    """Ziekenhuis Noord with an empty store, and a PACS that holds Anna's two studies and one of a stranger."""
    head = [image(HEAD_CT, 1, number) for number in range(1, 6)] + [pdf_report(HEAD_CT, 3)]
    others = [image(KNEE_MR, 1, 1, sample="MR_small.dcm"), image(BRAMS_CT, 1, 1, BRAM), structured_report(HEAD_CT, 4)]
    files = [save(one, tmp_path / "given") for one in (*head, *others)]
    with orthanc.orthanc_with(tmp_path, files) as pacs, portal(tmp_path) as trusted:
        own = KINDS[request.param](pacs, sync_minutes=0, limits={"retry_seconds": 0.2})
        found = settings(tmp_path, trusted, free_ports(1)[0], pacs=own)
        found.state_dir.mkdir(parents=True)
        (tmp_path / "files").mkdir()
        crosswalk_csv(found.state_dir / "crosswalk.csv", people=(ANNA,))
        asyncio.run(administration.import_file(found, found.state_dir / "crosswalk.csv", correct=False))
        asyncio.run(administration.list_pacs(found, everybody=False))
        with serving(found, trusted) as served:
            yield served


def test_a_shared_study_is_fetched_and_served_whole_and_removed_afterwards(noord: Served, tmp_path: Path) -> None:
    listed, stranger = preview_of(noord, [HEAD_CT, BRAMS_CT])
    assert (listed["state"], listed["instances"], listed["size_bytes"], listed["reports"]) == ("remote", 7, None, [])
    assert {one["instances"] for one in listed["series"]} == {5, 1}
    assert listed["identity"]["patient_id_issuer"] == "ZH-NOORD"
    assert stranger == BRAMS_CT, "whom the crosswalk does not know is missing"
    until = datetime.now(UTC) + timedelta(days=14)
    (told, missing) = ask_staging(noord, "share-1", [HEAD_CT, BRAMS_CT], until)
    assert (told["state"], told["instances"], missing["state"]) == ("queued", 7, "missing")
    wait_until(lambda: state_of(noord, "share-1", HEAD_CT, until)["state"] == "held")
    held = preview_of(noord, [HEAD_CT])[0]
    assert (held["state"], held["instances"], len(held["reports"])) == ("held", 7, 2)
    assert held["size_bytes"] > 200_000
    path, lease = noord.lease([HEAD_CT])
    archive = tmp_path / "archive.zip"
    archive.write_bytes(noord.client.get(path, headers=lease).content)
    assert subprocess.run(["unzip", "-tq", archive], check=False).returncode == 0
    ask_staging(noord, "share-1", [HEAD_CT], datetime.now(UTC) - timedelta(seconds=1))
    noord.clock.pass_by(minutes=20)
    time.sleep(1.2)
    assert any((tmp_path / "files").rglob("*.*")), "a lease that still runs keeps it"
    noord.clock.pass_by(hours=6)
    wait_until(lambda: not any((tmp_path / "files").rglob("*.*")))
    assert preview_of(noord, [HEAD_CT])[0]["state"] == "remote"


def test_a_download_that_comes_too_early_waits_on_a_page_and_then_begins(noord: Served, tmp_path: Path) -> None:
    switch = noord.house.settings.state_dir / "pacs-stop"
    switch.touch()
    path, lease = noord.lease([KNEE_MR])
    program = noord.client.get(path, headers=lease)
    assert (program.status_code, program.headers["content-type"]) == (503, "application/problem+json")
    assert (program.json()["type"], program.json()["m"], "retry-after" in program.headers) == (
        "urn:beeldpas:problem:still_fetching",
        1,
        True,
    )
    page = noord.client.get(path, headers={**lease, "Accept": "text/html", "Accept-Language": "en"})
    assert (page.status_code, page.headers["refresh"]) == (503, "5")
    assert "The images are being fetched" in page.text and "0 of 1 are here" in page.text
    viewer = noord.client.get(f"/dicom-web/studies/{KNEE_MR}/metadata", headers=noord.token([KNEE_MR]))
    assert (viewer.status_code, viewer.json()["type"]) == (503, "urn:beeldpas:problem:still_fetching")
    foreign = noord.client.get(f"/dicom-web/studies/{HEAD_CT}/metadata", headers=noord.token([KNEE_MR]))
    assert foreign.status_code == 404, "of what is not granted nothing is said"
    assert not list((tmp_path / "files").rglob("*.*")), "the kill switch was on"
    switch.unlink()
    answers: list[httpx2.Response] = []

    def is_served() -> bool:
        answers.append(noord.client.get(path, headers=lease))
        return answers[-1].status_code == 200

    wait_until(is_served)
    assert answers[-1].content.startswith(b"PK")
