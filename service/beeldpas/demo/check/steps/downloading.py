"""Downloading: every instance arrives as its source file is, a cut download goes on where it stopped, and the portal
never sees an image.
"""

from secrets import randbelow
from typing import Final

from beeldpas.demo.check import patient_door, provider_door, transfer
from beeldpas.demo.check.archive import read_archive
from beeldpas.demo.check.browser import Browser
from beeldpas.demo.check.page import Page
from beeldpas.demo.check.stage import Shared, Stage, Use
from beeldpas.demo.check.transfer import Pace, Transfer

_MEGABYTE: Final = 1_000_000
LARGE: Final = "zuid"


async def check_downloads(stage: Stage, doctor: Browser, overview: Page, share: Shared) -> None:
    """Download from every hospital of a share and compare with the sources."""
    for form in provider_door.downloads(overview):
        done = await transfer.press(doctor, overview, form, stage.work / f"full-{len(stage.uses)}.zip")
        gateway = done.host.partition(".")[0]
        if gateway not in stage.sources:
            stage.expect("a download comes from a hospital", False, done.host)
            stage.downloaded += done.received
            continue
        note_use(stage, gateway, done, "completed")
        compare(stage, gateway, done, share.studies[gateway])
        if gateway == LARGE:
            await _check_resume(stage, doctor, done)


async def check_own_download(stage: Stage, patient: Browser, timeline: Page) -> None:
    """Download the patient's own images, which needs no share and no PIN."""
    uid = next(uid for uid, where in patient_door.shown_studies(timeline).items() if where == ("west",))
    study = await patient_door.open_study(patient, timeline, uid)
    done = await transfer.press(patient, study, study.form("/download"), stage.work / "own.zip")
    note_use(stage, "west", done, "completed")
    compare(stage, "west", done, frozenset({uid}))


def compare(stage: Stage, gateway: str, done: Transfer, studies: frozenset[str]) -> None:
    """Compare an archive with the source files of these studies."""
    if not stage.expect(f"{gateway}: the archive has the length that was promised", done.is_whole, _size(done)):
        return
    archive, wanted = read_archive(done.file), stage.sources[gateway].digests(studies)
    right = sum(1 for uid, digest in wanted.items() if archive.digests.get(uid) == digest)
    measured = f"{right} of {len(wanted)}"
    stage.expect(f"{gateway}: every SHA-256 is that of the source file", archive.digests == wanted, measured)
    stage.expect(f"{gateway}: DICOMDIR names them all", archive.directory == len(wanted), archive.directory)


def note_use(stage: Stage, gateway: str, done: Transfer, outcome: str) -> None:
    """Remember what a hospital should have noted."""
    exact = done.received if outcome == "completed" else None
    stage.uses.append(Use(gateway, outcome, done.received, exact))
    stage.downloaded += done.received


def check_relay(stage: Stage) -> None:
    """Compare what went through the portal with what was downloaded."""
    through, got = stage.relay.total / _MEGABYTE, stage.downloaded / _MEGABYTE
    held = through < 5 and got >= 200
    stage.expect("less than 5 MB went through the portal", held, f"{through:.2f} MB, while {got:.0f} MB came down")


async def _check_resume(stage: Stage, doctor: Browser, whole: Transfer) -> None:
    offset = 1 + randbelow(whole.length - 1)
    file = stage.work / "resumed.zip"
    first = await transfer.get(doctor, whole.url, file, pace=Pace(until=offset))
    note_use(stage, LARGE, first, "cut")
    with file.open("r+b") as output:
        output.truncate(offset)
    rest = {"Range": f"bytes={offset}-", "If-Range": whole.headers["etag"]}
    second = await transfer.get(doctor, whole.url, file, rest)
    note_use(stage, LARGE, second, "completed")
    same = second.status == 206 and second.digest() == whole.digest()
    stage.expect(
        "cut at a random offset and resumed, it is the same archive", same, f"byte {offset:,} of {whole.length:,}"
    )


def _size(done: Transfer) -> str:
    return f"{done.received / _MEGABYTE:.1f} MB" + (f", {done.broken}" if done.broken else f", status {done.status}")
