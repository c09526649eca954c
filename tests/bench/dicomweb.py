"""How fast DICOMweb answers, as a multiple of Orthanc with the same study: headers, frames, the whole study.

Both are asked by the same curl on a loopback that leads straight to them: Orthanc's is that of its own network
namespace, which curl enters, so that no relay slows it down. They take turns, caches warm, and the ratio of each
pair is what counts.
"""

import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

import httpx2
import pydicom
from tests.bench.figures import Figure
from tests.bench.hospital import Archive, hospital
from tests.bench.large_study import INSTANCES, make_study

from beeldpas.demo.namespace import way_in
from beeldpas.demo.orthanc import HTTP_PORT, Orthanc
from beeldpas.demo.processes import Processes, free_ports

PAIRS, CONNECTIONS = 9, 6
_FRAMES = 'multipart/related; type="application/octet-stream"'
_FILES = 'multipart/related; type="application/dicom"; transfer-syntax=*'
_HEADERS = "application/dicom+json"


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two: where it answers, what it wants to see, and how curl gets there."""

    dicomweb: str
    headers: dict[str, str]
    way: tuple[str, ...]

    def seconds(self, paths: Sequence[str], accept: str, folder: Path) -> tuple[float, int]:
        """Fetch paths, at most six at a time; return how long that took, and how many bytes came.

        Raises: RuntimeError unless every answer is a 200.
        """
        wishes = folder / "curl.txt"
        fields = {"Accept": accept, **self.headers}
        lines = ["silent", 'write-out = "%{http_code} %{size_download} %{time_total}\\n"']
        lines += ["parallel", f"parallel-max = {CONNECTIONS}"] if len(paths) > 1 else []
        lines += [f'header = "{name}: {_quoted(value)}"' for name, value in fields.items()]
        lines += [f'url = "{self.dicomweb}{path}"\noutput = "/dev/null"' for path in paths]
        wishes.write_text("\n".join(lines))
        began = time.perf_counter()
        command = [*self.way, "curl", "--config", str(wishes)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        took = time.perf_counter() - began
        answers = [line.split() for line in done.stdout.splitlines()]
        if len(answers) != len(paths) or {status for status, _, _ in answers} != {"200"}:
            raise RuntimeError(f"not every answer was one: {done.stderr or answers[:3]}")
        if len(answers) == 1:
            took = float(answers[0][2])  # without the time that curl itself takes to start
        return took, sum(int(size) for _, size, _ in answers)


@dataclass(frozen=True, slots=True)
class Pair:
    """Both sides with the same study."""

    ours: Side
    theirs: Side
    archive: Archive
    archive_of_theirs: Side
    study: str
    instances: tuple[str, ...]
    folder: Path


def wado_metadata_vs_orthanc(folder: Path) -> list[Figure]:
    """Study metadata of 1,000 instances; Orthanc gives them in full, as it was told."""
    with side_by_side(folder) as pair:
        return _compared(pair, "wado_metadata", [f"/studies/{pair.study}/metadata"], _HEADERS)


def frames_vs_orthanc(folder: Path) -> list[Figure]:
    """One thousand frames of 524,288 bytes over six connections, as a viewer fetches them."""
    with side_by_side(folder) as pair:
        paths = [f"/studies/{pair.study}{path}/frames/1" for path in pair.instances]
        return _compared(pair, "frames", paths, _FRAMES)


def archive_vs_orthanc_wado(folder: Path) -> list[Figure]:
    """Our archive against Orthanc's fastest way out, and once against its own archive, which deflates."""
    with side_by_side(folder) as pair:
        name = f"/studies/{pair.study}"
        zip_of_ours = Side("", pair.archive.headers, ())
        turns = [
            (_rate(zip_of_ours, [pair.archive.url], "*/*", pair), _rate(pair.theirs, [name], _FILES, pair))
            for _ in range(PAIRS + 1)
        ]
        deflated = _rate(pair.archive_of_theirs, ["/archive"], "*/*", pair)
    ours, theirs = zip(*turns[1:], strict=True)
    return [
        Figure("archive_vs_orthanc_wado", "ratio", _ratios(ours, theirs)),
        Figure("orthanc_wado_mb_s", "MB/s", theirs),
        Figure("orthanc_archive_mb_s", "MB/s", [deflated]),
    ]


@contextmanager
def side_by_side(folder: Path) -> Iterator[Pair]:
    """Serve the study from a gateway and from Orthanc; `folder` keeps what Orthanc stored for the next time."""
    study = make_study(folder / "study")
    files = sorted((folder / "study").iterdir())
    with TemporaryDirectory(dir=folder) as name, Processes(Path(name) / "logs") as processes:
        pacs = Orthanc(folder / "orthanc", *free_ports(2))
        child = pacs.start(processes)
        processes.wait_ready(child)
        _fill(pacs, files)
        with hospital(folder / "study", study, Path(name) / "hospital") as archive:
            gateway = f"http://{urlsplit(archive.url).netloc}"
            token = httpx2.post(f"{archive.issuer}/token", data={"code": "nl"}, trust_env=False).json()[
                "access_token"
            ]
            way = ("nsenter", "--target", str(child.process.pid), *_user(), "--net")
            inside = f"http://127.0.0.1:{HTTP_PORT}"
            key = httpx2.post(f"{pacs.base_url}/tools/lookup", content=study, trust_env=False).json()[0]["ID"]
            yield Pair(
                Side(f"{gateway}/dicom-web", {"Authorization": f"Bearer {token}"}, ()),
                Side(f"{inside}/dicom-web", {}, way),
                archive,
                Side(f"{inside}/studies/{key}", {}, way),
                study,
                tuple(map(_path, files)),
                Path(name),
            )


def _compared(pair: Pair, name: str, paths: Sequence[str], accept: str) -> list[Figure]:
    """Let the two take turns; the first turn warms what there is to warm."""
    turns = [
        tuple(side.seconds(paths, accept, pair.folder)[0] for side in (pair.ours, pair.theirs))
        for _ in range(PAIRS + 1)
    ]
    ours, theirs = zip(*turns[1:], strict=True)
    return [
        Figure(f"{name}_vs_orthanc", "ratio", _ratios(theirs, ours)),
        Figure(f"{name}_seconds", "s", ours),
        Figure(f"{name}_orthanc_seconds", "s", theirs),
    ]


def _rate(side: Side, paths: Sequence[str], accept: str, pair: Pair) -> float:
    took, size = side.seconds(paths, accept, pair.folder)
    return size / took / 1e6


def _ratios(many: Sequence[float], few: Sequence[float]) -> list[float]:
    return [one / other for one, other in zip(many, few, strict=True)]


def _fill(pacs: Orthanc, files: Sequence[Path]) -> None:
    """Give Orthanc the study, unless it has it from an earlier run."""
    held = httpx2.get(f"{pacs.base_url}/statistics", trust_env=False).json()["CountInstances"]
    if held != INSTANCES:
        pacs.upload(files)


def _path(file: Path) -> str:
    header = pydicom.dcmread(file, stop_before_pixels=True, specific_tags=["SeriesInstanceUID", "SOPInstanceUID"])
    return f"/series/{header.SeriesInstanceUID}/instances/{header.SOPInstanceUID}"


def _user() -> tuple[str, ...]:
    """A namespace that was made without privilege is entered together with its user."""
    return ("--user", "--preserve-credentials") if "--user" in way_in() else ()


def _quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"')
