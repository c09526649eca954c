"""What the viewer is measured on: a hospital with one long series, and an origin with our viewer and OHIF on it."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pydicom
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from tests.browser.viewer_host import app as ohif
from tests.hospital import Served, open_hospital
from tests.hospital_images import head, save
from tests.house.tree import ROOT
from tests.running import running

from beeldpas.demo.processes import free_ports
from beeldpas.demo.samples import source_file
from beeldpas.portal.pages.assets import Assets
from beeldpas.portal.pages.viewer_page import script_json
from beeldpas.portal.words.catalogue import load_translators

STUDY, SLICES = "1.2.826.0.1.9", 3000


@dataclass(frozen=True, slots=True)
class ViewerStage:
    """Where both viewers show the same study."""

    ours: str
    theirs: str


@contextmanager
def viewer_stage(folder: Path) -> Iterator[ViewerStage]:
    """Open the hospital and the viewers' origin, in a thread of their own: Playwright keeps this one."""
    with ThreadPoolExecutor(1) as thread, ExitStack() as opened:
        stage = thread.submit(_open, folder, opened).result()
        try:
            yield stage
        finally:
            thread.submit(opened.close).result()


def _open(folder: Path, opened: ExitStack) -> ViewerStage:
    (port,) = free_ports(1)
    origin = f"http://viewer.localhost:{port}"
    _fill(folder / "files")
    noord = opened.enter_context(open_hospital(folder, viewer_origin=origin))
    opened.enter_context(running(_viewers(noord), port=port))
    token = _token(noord)
    return ViewerStage(f"{origin}/ours", f"{origin}/viewer?StudyInstanceUIDs={STUDY}&token={token}")


def _fill(folder: Path) -> None:
    """Write one series of 3,000 slices, some 1.6 GB: one real slice of 512 x 512 under new UIDs and at new places."""
    complete = folder.with_name("complete")
    if complete.exists():
        return
    model = pydicom.dcmread(source_file("693_UNCR.dcm"))
    for number in range(1, SLICES + 1):
        head(model, STUDY, 1, number)
        model.ImagePositionPatient = [*model.ImagePositionPatient[:2], float(number)]
        save(model, folder)
    complete.touch()


def _viewers(noord: Served) -> Starlette:
    """Our viewer on a page as the portal makes it, without the portal; OHIF on the same origin."""
    assets = Assets.load(ROOT / "frontend" / "dist")
    say = load_translators(ROOT / "frontend" / "locales")["nl"]
    dicomweb = f"{noord.url}/dicom-web"
    study = {"title": "CT-scan van het hoofd", "date": "2 maart 2026", "hospital": "Ziekenhuis Noord", "grant": "g"}
    settings = {
        "language": "nl",
        "audience": "provider",
        "notForDiagnosis": say("look.not_for_diagnosis_provider"),
        "tokenUrl": "/viewer-token",
        "back": "/",
        "words": {**say.under("viewer."), **say.under("state.viewer_")},
        "studies": [{**study, "dicomweb": dicomweb, "uid": STUDY, "isPrior": False, "reports": []}],
    }
    page = (
        f'<!doctype html><title>-</title><link rel="stylesheet" href="{assets.url("styles/portal.css")}">'
        f'<link rel="stylesheet" href="{assets.url("viewer/viewer.css")}">'
        f'<div id="viewer"></div>'
        f'<script type="application/json" id="viewer-settings">{script_json(settings)}</script>'
        f'<script type="module" src="{assets.url("viewer/main.ts")}"></script>'
    )

    async def ours(_request: Request) -> Response:
        return HTMLResponse(page)

    async def token(_request: Request) -> Response:
        return JSONResponse({"access_token": _token(noord), "expires_in": 300})

    return Starlette(
        routes=[
            Route("/ours", ours),
            Route("/viewer-token", token, methods=["POST"]),
            Mount("/static", StaticFiles(directory=assets.dist)),
            *ohif(dicomweb).routes,
        ]
    )


def _token(noord: Served) -> str:
    return noord.token([STUDY])["Authorization"].removeprefix("Bearer ")
