"""A running demo and Debian's Chromium, once for all browser tests; pictures are kept in build/screenshots."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright
from tests.browser.people import Stage
from tests.browser.viewer_place import ViewerPlace
from tests.browser.walks import Walk
from tests.house.tree import ROOT
from tests.journeys.demo import COMMAND

# Runs beside each other need ports of their own, and so do the processes of one run.
_WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
FIRST_PORT = int(os.environ.get("BEELDPAS_BROWSER_PORT", "19440")) + 200 * _WORKER
CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# For pages that draw with WebGL: by software.
DRAWING = [
    *(flag for flag in FLAGS if flag != "--disable-gpu"),
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
]


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The portal's address in a demo of its own, or in one that runs already (`BEELDPAS_BROWSER_PORTAL`)."""
    if running := os.environ.get("BEELDPAS_BROWSER_PORTAL"):
        yield running
        return
    with running_demo(tmp_path_factory.mktemp("browser-demo"), FIRST_PORT) as address:
        yield address


@contextmanager
def running_demo(state: Path, port: int, *words: str) -> Iterator[str]:
    """Run a demo for one block; gives the portal's address."""
    command = [*COMMAND, "--state", str(state), "--first-port", str(port), *words]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert process.stdout is not None
    try:
        assert any("Ctrl-C" in line for line in process.stdout), "the demo did not start"
        yield f"http://portal.localhost:{port}"
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS, headless=True)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def drawing_chromium(chromium: Browser) -> Iterator[Browser]:
    """The same browser, which draws images by software."""
    browser = chromium.browser_type.launch(executable_path=CHROMIUM, args=DRAWING, headless=True)
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def pictures() -> Path:
    """Where pictures of pages are kept for people to look at."""
    folder = ROOT / "build" / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture
def stage(demo: str, chromium: Browser, pictures: Path) -> Iterator[Stage]:
    """The demo, and people with browsers of their own."""
    stage = Stage(demo, chromium, pictures)
    yield stage
    stage.close()


@pytest.fixture
def drawing_stage(demo: str, drawing_chromium: Browser, pictures: Path) -> Iterator[Stage]:
    """The demo, and people whose browsers draw images."""
    stage = Stage(demo, drawing_chromium, pictures)
    yield stage
    stage.close()


@pytest.fixture
def seen_by(request: pytest.FixtureRequest, walk: Walk) -> Stage:
    """The stage of a walk: some want a browser that draws."""
    found: Stage = request.getfixturevalue("drawing_stage" if walk.draws else "stage")
    return found


@pytest.fixture
def late_stage(tmp_path: Path, chromium: Browser, pictures: Path) -> Iterator[Stage]:
    """A demo in which Ziekenhuis West is late when asked what it has."""
    with running_demo(tmp_path, FIRST_PORT + 60, "--late", "west") as address:
        stage = Stage(address, chromium, pictures)
        yield stage
        stage.close()


@pytest.fixture
def kinds_stage(tmp_path: Path, chromium: Browser, pictures: Path) -> Iterator[Stage]:
    """A demo with a hospital behind every kind of registry, one of them slow the first time that it is asked."""
    with running_demo(tmp_path, FIRST_PORT + 120, "--registries", "all") as address:
        stage = Stage(address, chromium, pictures)
        yield stage
        stage.close()


@pytest.fixture(scope="session")
def viewer_place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ViewerPlace]:
    """A hospital with our viewer before it, without a portal."""
    place = ViewerPlace(tmp_path_factory.mktemp("viewer-place"))
    yield place
    place.close()


@pytest.fixture
def viewer_stage(chromium: Browser, pictures: Path, viewer_place: ViewerPlace) -> Iterator[Stage]:
    """People before that viewer, with a browser that draws; whatever it complains of is an error of ours."""
    browser = chromium.browser_type.launch(executable_path=CHROMIUM, args=DRAWING, headless=True)
    stage = Stage(viewer_place.origin, browser, pictures)
    yield stage
    stage.close()
    browser.close()
