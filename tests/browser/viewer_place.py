"""A hospital with our viewer before it, for what the demo has not.

Images that nobody can decode, a series of which every slice differs, names that try to break out, and a hospital that
goes away while somebody looks.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
from pydicom.dataset import FileDataset
from pydicom.encaps import encapsulate
from pydicom.uid import MPEG4HP41, JPEG2000Lossless
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from tests.hospital import Served, ingest, serving, settings
from tests.hospital_images import crosswalk_csv, image, save
from tests.hospital_portal import portal
from tests.house.tree import ROOT
from tests.running import running

from beeldpas.demo.processes import free_ports
from beeldpas.portal.pages.assets import Assets
from beeldpas.portal.pages.viewer_page import script_json
from beeldpas.portal.words.catalogue import load_translators

STUDY, EARLIER = "1.2.826.0.1.5", "1.2.826.0.1.6"
SLICES = 12
# What lies in the bar from left to right, in Hounsfield units.
BAR = np.linspace(-1400, 1400, 128)
LONG = "Thorax_en_abdomen_na_contrast_veneuze_fase_1,0_mm_zachte_kernel"
HOSTILE = '<script>window.broken = 1</script> O\'Neill & "zn"'
ARABIC = "أشعة مقطعية على الرأس"


def slices(study: str, series: int, description: str, count: int = SLICES) -> list[FileDataset]:
    """A CT of which every slice is another picture: a bar from dark to bright moves down with each of them."""
    made = []
    for number in range(1, count + 1):
        one = image(study, series, number)
        values = one.pixel_array.astype(np.int16).copy()
        values[number * 8 : number * 8 + 6, :] = BAR - int(one.RescaleIntercept)
        one.SpecificCharacterSet, one.SeriesDescription = "ISO_IR 192", description
        one.PixelData = values.tobytes()
        one.ImagePositionPatient = [*one.ImagePositionPatient[:2], float(100 - number)]
        one.WindowCenter, one.WindowWidth = 40, 400
        made.append(one)
    return made


def video(study: str, series: int) -> FileDataset:
    """Something that no viewer here decodes, and the gateway neither."""
    one = image(study, series, 1)
    one.PixelData = encapsulate([b"\0\0\0\x18ftypmp42" + bytes(400)])
    one["PixelData"].VR = "OB"
    one["PixelData"].is_undefined_length = True
    one.file_meta.TransferSyntaxUID = MPEG4HP41
    one.SeriesDescription = "Film"
    return one


def damaged(study: str, series: int) -> FileDataset:
    """A compressed picture whose bytes are no picture."""
    one = image(study, series, 1)
    one.PixelData = encapsulate([b"\xff\x4f\xff\x51" + bytes(200)])
    one["PixelData"].VR = "OB"
    one["PixelData"].is_undefined_length = True
    one.file_meta.TransferSyntaxUID = JPEG2000Lossless
    one.SeriesDescription = "Beschadigd"
    return one


def marks(study: str, series: int, modality: str) -> FileDataset:
    """Marks or settings that somebody made at a workstation: no picture (KO, PR)."""
    one = image(study, series, 1)
    for keyword in ("PixelData", "Rows", "Columns", "BitsAllocated", "PixelRepresentation"):
        del one[keyword]
    kinds = {"KO": "1.2.840.10008.5.1.4.1.1.88.59", "PR": "1.2.840.10008.5.1.4.1.1.11.1"}
    one.SOPClassUID = one.file_meta.MediaStorageSOPClassUID = kinds[modality]
    one.Modality, one.SeriesDescription = modality, ""
    return one


def _fill(folder: Path) -> None:
    files = [
        *slices(STUDY, 1, LONG),
        *slices(STUDY, 2, HOSTILE, 5),
        video(STUDY, 3),
        damaged(STUDY, 4),
        *slices(STUDY, 5, ARABIC, 4),
        marks(STUDY, 6, "KO"),
        marks(STUDY, 7, "PR"),
        *slices(EARLIER, 1, "Vorig jaar", 6),
    ]
    for one in files:
        save(one, folder)


class ViewerPlace:
    """The hospital and the viewer's page; both live in a thread, since Playwright keeps the main one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (self._port,) = free_ports(1)
        self.origin = f"http://viewer.localhost:{self._port}"
        self._thread = ThreadPoolExecutor(1)
        self._pages, self._hospital = ExitStack(), ExitStack()
        self.noord: Served
        self._do(self._start)

    def _do(self, act: Callable[[], Any]) -> None:
        self._thread.submit(act).result()

    def _start(self) -> None:
        _fill(self.folder / "files")
        self._trusted = self._pages.enter_context(portal(self.folder))
        self._settings = settings(self.folder, self._trusted, free_ports(1)[0], viewer_origin=self.origin)
        self._settings.state_dir.mkdir(parents=True, exist_ok=True)
        crosswalk_csv(self._settings.state_dir / "crosswalk.csv")
        ingest(self._settings)
        self._open()
        self._pages.enter_context(running(self._app(), port=self._port))

    def _open(self) -> None:
        self.noord = self._hospital.enter_context(serving(self._settings, self._trusted))

    def stop_hospital(self) -> None:
        """The hospital goes away: nothing answers at its address any more."""
        self._do(self._hospital.close)

    def start_hospital(self) -> None:
        """It is back."""
        self._do(self._open)

    def close(self) -> None:
        """Stop everything."""
        self.stop_hospital()
        self._do(self._pages.close)
        self._thread.shutdown()

    def page(self, language: str = "nl", audience: str = "provider") -> str:
        """The address of the viewer for somebody."""
        return f"{self.origin}/look?language={language}&audience={audience}"

    def _app(self) -> Starlette:
        assets = Assets.load(ROOT / "frontend" / "dist")
        words = load_translators(ROOT / "frontend" / "locales")

        async def look(request: Request) -> Response:
            language, audience = request.query_params["language"], request.query_params["audience"]
            say = words[language]
            shared = {"hospital": "Ziekenhuis Noord", "dicomweb": f"{self._settings.base_url}/dicom-web"}
            shown = [("CT-scan", "2 maart 2026", STUDY, False), ("CT-scan", "4 mei 2025", EARLIER, True)]
            told = {
                "language": language,
                "audience": audience,
                "notForDiagnosis": say(f"look.not_for_diagnosis_{audience}"),
                "tokenUrl": "/viewer-token",
                "back": "/back",
                "words": {**say.under("viewer."), **say.under("state.viewer_")},
                "studies": [
                    {"title": title, "date": date, "grant": uid, "uid": uid, "isPrior": old, "reports": [], **shared}
                    for title, date, uid, old in shown
                ],
            }
            styles = "".join(
                f'<link rel="stylesheet" href="{assets.url(one)}">'
                for one in ("styles/portal.css", "viewer/viewer.css")
            )
            return HTMLResponse(
                f'<!doctype html><html lang="{language}"><meta name="viewport" content="width=device-width">'
                f'<title>-</title><link rel="icon" href="data:,">{styles}<main><div class="wrap">'
                f'<div id="viewer"></div></div></main>'
                f'<script type="application/json" id="viewer-settings">{script_json(told)}</script>'
                f'<script type="module" src="{assets.url("viewer/main.ts")}"></script></html>'
            )

        async def token(request: Request) -> Response:
            uid = json.loads(await request.body())["grant"]
            given = self.noord.token([uid])["Authorization"].removeprefix("Bearer ")
            return JSONResponse({"access_token": given, "expires_in": 300})

        return Starlette(
            routes=[
                Route("/look", look),
                Route("/viewer-token", token, methods=["POST"]),
                Mount("/static", StaticFiles(directory=assets.dist)),
            ]
        )


def source(place: ViewerPlace, series: int, number: int) -> pydicom.FileDataset:
    """An image as the hospital keeps it."""
    return pydicom.dcmread(place.folder / "files" / f"{STUDY}.{series}.{number}.dcm")
