"""How long people wait for the first image, and how 3,000 slices scroll, in a Chromium that draws by software.

The click is measured on the demo, as a patient does it. OHIF stands beside our viewer on one gateway with the same
study, in turns. Scrolling goes through all slices with the slider, one a frame of the screen: the longest time
between two frames is the longest stall.
"""

import re
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, Page, sync_playwright
from tests.bench.figures import Figure
from tests.bench.viewer_stage import SLICES, viewer_stage
from tests.browser.conftest import CHROMIUM, DRAWING
from tests.journeys.demo import COMMAND

CLICKS, PAIRS, FIRST_PORT = 9, 5, 17440
_SIZE = {"width": 1280, "height": 800}
_DRAWN = """(where) => {
  const canvas = document.querySelector(where);
  if (!canvas || !canvas.width) return false;
  const copy = document.createElement('canvas');
  [copy.width, copy.height] = [32, 32];
  const paper = copy.getContext('2d');
  paper.drawImage(canvas, 0, 0, 32, 32);
  return new Set(paper.getImageData(0, 0, 32, 32).data).size > 8;
}"""
_SCROLL = """async (slices) => {
  const slider = document.querySelector('#viewer input[type=range]');
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  let longest = 0, before = await frame();
  const began = before;
  for (let at = 0; at < slices; at += 1) {
    slider.value = String(at);
    slider.dispatchEvent(new Event('input'));
    const now = await frame();
    longest = Math.max(longest, now - before);
    before = now;
  }
  return {longest, seconds: (before - began) / 1000};
}"""


def viewer_first_image_ms(folder: Path) -> list[Figure]:
    """From the click on a study of the demo to an image on the screen; then both viewers, from the address."""
    with _chromium() as browser:
        with TemporaryDirectory() as state, _demo(Path(state)) as portal:
            clicks = [_click_to_image(browser, portal) for _ in range(CLICKS)]
        ours, theirs = [], []
        with viewer_stage(folder / "viewer") as stage:
            for _ in range(PAIRS):
                ours.append(_open_to_image(browser, stage.ours, "#viewer canvas"))
                theirs.append(_open_to_image(browser, stage.theirs, "canvas.cornerstone-canvas"))
    return [
        Figure("viewer_first_image_ms", "ms, click to image on the demo", clicks),
        Figure("viewer_open_3000_ms", "ms, address to image, 3,000 slices", ours),
        Figure("ohif_open_3000_ms", "ms, the same study and gateway", theirs),
    ]


def viewer_scroll_stall_ms(folder: Path) -> list[Figure]:
    """Scroll 3,000 slices end to end; the longest stall, the time it took, and the memory of the page's process."""
    with _chromium() as browser, viewer_stage(folder / "viewer") as stage:
        page = browser.new_page(viewport=_SIZE)  # type: ignore[arg-type]
        page.goto(stage.ours)
        _wait_drawn(page, "#viewer canvas")
        told = page.evaluate(_SCROLL, SLICES)
        page.get_by_text(f"Beeld {SLICES} van {SLICES}").first.wait_for(timeout=60_000)
        page.wait_for_load_state("networkidle", timeout=120_000)
        memory = _largest_renderer_mb()
    return [
        Figure("viewer_scroll_stall_ms", "ms, longest of 3,000 slices", [told["longest"]]),
        Figure("viewer_scroll_s", "s, end to end", [told["seconds"]]),
        Figure("viewer_memory_mb", "MB, the page's process, most it ever had", [memory]),
    ]


@contextmanager
def _chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=DRAWING, headless=True)
        yield browser
        browser.close()


@contextmanager
def _demo(state: Path) -> Iterator[str]:
    command = [*COMMAND, "--state", str(state), "--first-port", str(FIRST_PORT)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        if process.stdout is None or not any("Ctrl-C" in line for line in process.stdout):
            raise RuntimeError("the demo did not start")
        yield f"http://portal.localhost:{FIRST_PORT}"
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)


def _click_to_image(browser: Browser, portal: str) -> float:
    """Sign in as Anna in a browser without anything in it, open the newest CT and look at it."""
    page = browser.new_page(viewport=_SIZE)  # type: ignore[arg-type]
    page.goto(f"{portal}/sign-in")
    page.get_by_role("button", name="Anna Jansen").click()
    page.get_by_role("link", name=re.compile("CT-scan van het hoofd")).first.click()
    button = page.get_by_role("button", name="Beelden bekijken")
    button.wait_for()
    began = time.perf_counter()
    button.click(no_wait_after=True)
    _wait_drawn(page, "#viewer canvas")
    took = (time.perf_counter() - began) * 1000
    page.context.close()
    return took


def _open_to_image(browser: Browser, address: str, where: str) -> float:
    page = browser.new_page(viewport=_SIZE)  # type: ignore[arg-type]
    began = time.perf_counter()
    page.goto(address, wait_until="commit")
    _wait_drawn(page, where)
    took = (time.perf_counter() - began) * 1000
    page.context.close()
    return took


def _wait_drawn(page: Page, where: str) -> None:
    page.wait_for_function(_DRAWN, arg=where, timeout=120_000)


def _largest_renderer_mb() -> float:
    """Return the largest peak of resident memory among the browsers' page processes, in MB."""
    peaks = []
    for process in Path("/proc").iterdir():
        try:
            if process.name.isdigit() and b"--type=renderer" in (process / "cmdline").read_bytes():
                (line,) = re.findall(r"VmHWM:\s+(\d+) kB", (process / "status").read_text())
                peaks.append(int(line) / 1000)
        except OSError:
            continue
    return max(peaks)
