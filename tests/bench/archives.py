"""How fast an archive leaves the gateway, as a share of what nginx does with one file of the same size.

Both are downloaded by curl on loopback, page cache warm, one after the other in turn: the moods of the machine then
hit both alike, and the ratio of each pair is what counts.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench.figures import Figure
from tests.bench.hospital import Archive, hospital
from tests.bench.large_study import make_study
from tests.bench.sendfile import nginx
from tests.bench.transfer import download

PAIRS = 9


def archive_folder_vs_nginx(folder: Path, pairs: int = PAIRS) -> list[Figure]:
    """Measure the folder store; `folder` keeps the study for the next time."""
    study_uid = make_study(folder / "study")
    with TemporaryDirectory(dir=folder) as name:
        own = Path(name)
        with hospital(folder / "study", study_uid, own / "hospital") as archive:
            whole = _file_of(archive.size, own / "whole" / "archive.bin")
            with nginx(whole.parent, own / "nginx") as yardstick:
                measured = [_pair(archive, f"{yardstick}/{whole.name}") for _ in range(pairs + 1)]
    ours, theirs = zip(*measured[1:], strict=True)  # the first pair warmed the page cache
    ratios = [one / other for one, other in zip(ours, theirs, strict=True)]
    return [
        Figure("archive_folder_vs_nginx", "ratio", ratios),
        Figure("archive_folder_mb_s", "MB/s", ours),
        Figure("nginx_sendfile_mb_s", "MB/s", theirs),
        Figure("archive_bytes", "bytes", [archive.size]),
    ]


def _pair(archive: Archive, yardstick: str) -> tuple[float, float]:
    ours = download(archive.url, archive.headers, expect_bytes=archive.size)
    return ours, download(yardstick, expect_bytes=archive.size)


def _file_of(size: int, file: Path) -> Path:
    """Write a file of that many bytes that are not all alike."""
    file.parent.mkdir()
    block = bytes(range(256)) * 4096
    with file.open("wb") as output:
        for _ in range(size // len(block)):
            output.write(block)
        output.write(block[: size % len(block)])
    return file
