"""The pages inside a download, opened from disk as a receiver does: on a phone and on a desk, without a network."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser
from tests.browser.people import DESKTOP, PHONE
from tests.hospital_images import HEAD_CT, structured_report
from tests.unit.gateway.test_index_page import CDA, NOORD, PDF, instance, series, study

from beeldpas.formats.report import document_of
from beeldpas.gateway.index_page import Placed, index_page

_SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def download(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An unpacked download with long descriptions, a report, and a study without a date."""
    folder = tmp_path_factory.mktemp("beelden")
    slices = tuple(instance(number) for number in range(3, 300))
    whole = study(
        series(1, instance(1), instance(2)),
        series(2, *slices, description="Schedel axiaal 1,5 mm met contrast, hersenvenster"),
        series(900, instance(400, PDF, readable=True), modality="DOC", description="Verslag"),
        series(901, instance(401, CDA), modality="DOC", description="CDA_" * 16),
    )
    undated = study(series(None, instance(500, missing="StudyID StudyDate")), study_date="", description="")
    reports = (("REPORTS/R0000001.HTM", "Verslag CT schedel"),)
    places = [Placed("DICOM/ST000001", whole, reports), Placed("DICOM/ST000002", undated, ())]
    (folder / "INDEX.HTM").write_bytes(index_page(NOORD, places, "nl"))
    report = document_of(structured_report(HEAD_CT, 4))
    assert report is not None
    (folder / "REPORTS").mkdir()
    (folder / "REPORTS" / "R0000001.HTM").write_bytes(report.content)
    return folder


@pytest.mark.parametrize(("size", "name"), [(PHONE, "phone"), (DESKTOP, "desktop")])
def test_it_opens_from_disk_fits_the_screen_and_leads_to_the_report(
    download, chromium: Browser, pictures, size, name
):
    page = chromium.new_page(viewport=size)
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"file://{download}/INDEX.HTM")
    assert page.inner_text("h1 >> nth=0") == "Medische beelden van Ziekenhuis Noord"
    assert page.evaluate(_SIDEWAYS) == 0
    page.screenshot(path=str(pictures / f"download-index-{name}.png"), full_page=True)
    page.click("text=Verslag CT schedel >> nth=0")
    assert page.inner_text("h1") == "Diagnosis"
    assert page.evaluate(_SIDEWAYS) == 0
    page.screenshot(path=str(pictures / f"download-report-{name}.png"), full_page=True)
    assert [url for url in asked if not url.startswith("file://")] == []
    assert said == []
    page.close()
