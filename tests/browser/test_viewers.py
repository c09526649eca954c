"""Viewers that are not ours, in a real browser, from an origin of their own: they draw what the file holds."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page
from tests.browser.conftest import CHROMIUM, DRAWING
from tests.browser.viewer_host import viewer_host
from tests.hospital import Served, open_hospital
from tests.hospital_images import BRAMS_CT, fill, image, save

from beeldpas.demo.processes import free_ports

LOOK = "1.2.826.0.1.3"
SMALL = "emri_small_jpeg_2k_lossless.dcm"
_ASK = """async ([url, token, name, options]) => {
    const client = new DICOMwebClient.api.DICOMwebClient({url, headers: {Authorization: `Bearer ${token}`}});
    try { const found = await client[name](options); return {found: await told(found)}; }
    catch (error) { return {status: error.status ?? String(error)}; }
    async function told(value) {
        if (value instanceof ArrayBuffer) return await hash(value);
        if (Array.isArray(value) && value[0] instanceof ArrayBuffer) return await Promise.all(value.map(hash));
        return value;
    }
    async function hash(bytes) {
        const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
        return [...digest].map(byte => byte.toString(16).padStart(2, '0')).join('');
    }
}"""


class Place:
    """The hospital and the viewer's pages; both live in threads, since Playwright keeps the main one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (self._port,) = free_ports(1)
        self.origin = f"http://viewer.localhost:{self._port}"
        self._open = ExitStack()
        self._thread = ThreadPoolExecutor(1)
        self.noord: Served = self._thread.submit(self._start).result()

    def _start(self) -> Served:
        fill(self.folder / "files")
        for number in (1, 2, 3):
            save(image(LOOK, 1, number, sample="CT_small.dcm"), self.folder / "files" / "look")
        save(image(LOOK, 2, 1, sample=SMALL), self.folder / "files" / "look")
        noord = self._open.enter_context(open_hospital(self.folder, viewer_origin=self.origin))
        self._open.enter_context(viewer_host(self._port, f"{noord.url}/dicom-web"))
        return noord

    def close(self) -> None:
        """Stop both."""
        self._thread.submit(self._open.close).result()
        self._thread.shutdown()

    def token(self, *studies: str) -> str:
        """A token as the portal would give to the viewer."""
        return self.noord.token(list(studies))["Authorization"].removeprefix("Bearer ")

    def source(self, series: int, number: int) -> pydicom.FileDataset:
        """An image as the hospital keeps it."""
        return pydicom.dcmread(self.folder / "files" / "look" / f"{LOOK}.{series}.{number}.dcm")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    found = Place(tmp_path_factory.mktemp("viewers"))
    yield found
    found.close()


@pytest.fixture(scope="module")
def page(chromium: Browser, place: Place) -> Iterator[Page]:
    found = chromium.new_page()
    found.goto(f"{place.origin}/empty")
    yield found
    found.close()


def ask(page: Page, place: Place, name: str, granted: tuple[str, ...] = (LOOK,), **options: Any) -> dict[str, Any]:
    url = f"{place.noord.url}/dicom-web"
    found: dict[str, Any] = page.evaluate(_ASK, [url, place.token(*granted), name, options])
    return found


def test_the_npm_client_finds_what_was_granted(page: Page, place: Place):
    found = ask(page, place, "searchForStudies", queryParams={"PatientName": "jansen*"})["found"]
    assert [study["0020000D"]["Value"] for study in found] == [[LOOK]]
    assert len(ask(page, place, "searchForSeries", studyInstanceUID=LOOK)["found"]) == 2
    assert ask(page, place, "searchForStudies", queryParams={"PatientID": "none"})["found"] == []
    assert len(ask(page, place, "retrieveStudyMetadata", studyInstanceUID=LOOK)["found"]) == 4
    for foreign in (BRAMS_CT, "1.2.3.4"):
        assert ask(page, place, "retrieveStudyMetadata", studyInstanceUID=foreign) == {"status": 404}


def test_the_npm_client_gets_every_byte(page: Page, place: Place):
    where = {"studyInstanceUID": LOOK, "seriesInstanceUID": f"{LOOK}.1", "sopInstanceUID": f"{LOOK}.1.2"}
    frames = ask(page, place, "retrieveInstanceFrames", **where, frameNumbers=[1])["found"]
    assert frames == [sha256(place.source(1, 2).PixelData).hexdigest()]
    content = (place.folder / "files" / "look" / f"{LOOK}.1.2.dcm").read_bytes()
    served = bytes(128) + content[128:]
    assert ask(page, place, "retrieveInstance", **where)["found"] == sha256(served).hexdigest()
    several = {**where, "seriesInstanceUID": f"{LOOK}.2", "sopInstanceUID": f"{LOOK}.2.1"}
    decoded = ask(page, place, "retrieveInstanceFrames", **several, frameNumbers=[2, 9])["found"]
    pixels = place.source(2, 1).pixel_array
    assert decoded == [sha256(pixels[at].tobytes()).hexdigest() for at in (1, 8)]


def test_pages_of_another_origin_read_nothing(chromium: Browser, place: Place):
    with viewer_host(free_ports(1)[0], f"{place.noord.url}/dicom-web") as elsewhere:
        page = chromium.new_page()
        page.goto(f"{elsewhere}/empty")
        assert ask(page, place, "retrieveStudyMetadata", studyInstanceUID=LOOK).get("found") is None
        page.close()


@pytest.mark.slow
@pytest.mark.timeout(240)
@pytest.mark.parametrize(("series", "samples"), [(1, "CT_small"), (2, "multi-frame JPEG 2000")])
def test_ohif_draws_what_the_file_holds(place: Place, pictures: Path, chromium: Browser, series: int, samples: str):
    browser = chromium.browser_type.launch(executable_path=CHROMIUM, args=DRAWING, headless=True)
    try:
        page = browser.new_page(viewport={"width": 1200, "height": 900})
        uid = f"{LOOK}.{series}"
        page.goto(
            f"{place.origin}/viewer?StudyInstanceUIDs={LOOK}&initialSeriesInstanceUID={uid}&token={place.token(LOOK)}"
        )
        canvas = page.locator("canvas.cornerstone-canvas").first
        canvas.wait_for(state="visible", timeout=90_000)
        expected = reference(place.source(series, 1))
        likeness = 0.0
        for _ in range(60):
            page.wait_for_timeout(1000)
            drawn = page.evaluate("() => document.querySelector('canvas.cornerstone-canvas').toDataURL('image/png')")
            likeness = likeness_of(drawn, expected)
            if likeness > 0.97:
                break
        page.screenshot(path=pictures / f"ohif-{series}.png")
        assert likeness > 0.97, f"{samples}: what OHIF drew is {likeness:.3f} like the image"
    finally:
        browser.close()


def reference(dataset: pydicom.FileDataset) -> np.ndarray:
    """The first frame as values."""
    pixels = dataset.pixel_array
    return (pixels[0] if pixels.ndim == 3 else pixels).astype(float)


def likeness_of(data_url: str, expected: np.ndarray) -> float:
    """How alike the middle of the canvas, as far as the image reaches, and the image are: 1 is the same picture."""
    shown = Image.open(BytesIO(b64decode(data_url.partition(",")[2]))).convert("L")
    best = 0.0
    for share in (1.0, 0.95, 0.9, 0.909):
        side = min(shown.size) * share
        left, top = (shown.width - side) / 2, (shown.height - side) / 2
        part = shown.crop((round(left), round(top), round(left + side), round(top + side)))
        drawn = np.asarray(part.resize(expected.shape[::-1], Image.Resampling.BOX)).astype(float)
        if drawn.std() > 1:
            low, high = np.percentile(expected, (2, 98))
            best = max(best, float(np.corrcoef(drawn.ravel(), np.clip(expected, low, high).ravel())[0, 1]))
    return best
