"""A selection of 5,000 instances and more than 6 GiB: how soon the first byte comes, and how much memory it takes.

*Cold* is the first request for an archive that was not laid out before; *after a start* it is the very first that the
gateway gets, with nothing compiled or read yet; *cached* is any later one. The peak of memory is that of the serving
process, as the kernel counts it, while eight downloads run.
"""

import json
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench.figures import Figure
from tests.bench.hospital import Archive, Prepared, prepare
from tests.bench.large_study import LONG_INSTANCES, make_long_study
from tests.bench.transfer import command_for

STARTS, AGAIN, DOWNLOADS = 7, 5, 8


def archive_ttfb_ms_5000(folder: Path) -> list[Figure]:
    """Measure both: they share the selection, which takes minutes to index."""
    study_uid = make_long_study(folder / "long")
    with TemporaryDirectory(dir=folder) as name:
        made = prepare(folder / "long", study_uid, Path(name) / "h", loose=True)
        started, cold, cached = [], [], []
        for _ in range(STARTS):
            with made.opened():
                first, *later = _first_bytes(made, "nl")
                other, *_ = _first_bytes(made, "en")
            started.append(first)
            cold.append(other)
            cached += later
        with made.opened() as gateway:
            archive = made.archive()
            at_rest = _peak_mib(gateway.process.pid)
            _download_at_once(archive)
            peak = _peak_mib(gateway.process.pid)
    return [
        Figure("archive_ttfb_ms_5000", "ms", cold),
        Figure("archive_ttfb_ms_5000_after_start", "ms", started),
        Figure("archive_ttfb_ms_5000_cached", "ms", cached),
        Figure("archive_ttfb_instances", "", [LONG_INSTANCES]),
        Figure("archive_rss_mib", "MiB", [peak]),
        Figure("archive_rss_laid_out_mib", "MiB", [at_rest]),
        Figure("archive_rss_bytes_each", "bytes", [archive.size]),
    ]


def _first_bytes(made: Prepared, language: str) -> list[float]:
    """Return the milliseconds to the first byte under one new lease, request by request."""
    url, headers = made.lease(language)
    return [_first_byte(url, headers) for _ in range(1 + AGAIN)]


def _first_byte(url: str, headers: dict[str, str]) -> float:
    command = [*command_for(url, headers), "--header", "Range: bytes=0-"]
    reading = subprocess.Popen([*command, "--max-filesize", "1"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    told = json.loads(reading.communicate()[0])
    if told["http_code"] != 206:
        raise RuntimeError(f"no archive: {told['http_code']}")
    return float(told["time_starttransfer"]) * 1000


def _download_at_once(archive: Archive) -> None:
    """Run eight downloads beside each other. Raises: RuntimeError unless each one came whole."""
    command = command_for(archive.url, archive.headers)
    running = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(DOWNLOADS)]
    told = [json.loads(one.communicate()[0]) for one in running]
    if any((one["http_code"], one["size_download"]) != (200, archive.size) for one in told):
        raise RuntimeError(f"a download failed: {[(one['http_code'], one['size_download']) for one in told]}")


def _peak_mib(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024
