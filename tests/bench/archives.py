"""How fast an archive leaves the gateway, as a share of what the same way does with one object of the same size.

From a folder beside nginx's sendfile, over TLS beside nginx's TLS, from a bucket beside one presigned GET. Each is
downloaded by curl on loopback, page cache warm, one after the other in turn: the moods of the machine then hit both
alike, and the ratio of each pair is what counts.
"""

from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

import trustme
from tests.bench.figures import Figure
from tests.bench.hospital import Archive, hospital
from tests.bench.large_study import make_study
from tests.bench.sendfile import nginx
from tests.bench.transfer import download
from tests.s3_server import s3
from tests.shipped_nginx import shipped_nginx

PAIRS = 9
_A_DAY = timedelta(days=1)


def archive_folder_vs_nginx(folder: Path, pairs: int = PAIRS) -> list[Figure]:
    """Measure the folder store with series packs, as `ingest` writes them; `folder` keeps the study for later."""
    return _beside_sendfile(folder, pairs, "archive_folder", loose=False)


def archive_loose_vs_nginx(folder: Path, pairs: int = PAIRS) -> list[Figure]:
    """Measure the folder store with a thousand loose files."""
    return _beside_sendfile(folder, pairs, "archive_loose", loose=True)


def _beside_sendfile(folder: Path, pairs: int, name: str, *, loose: bool) -> list[Figure]:
    study_uid, images = make_study(folder / "study"), folder / "study"
    with TemporaryDirectory(dir=folder) as own, hospital(images, study_uid, Path(own) / "h", loose=loose) as archive:
        whole = _file_of(archive.size, Path(own) / "whole" / "archive.bin")
        with nginx(whole.parent, Path(own) / "nginx") as yardstick:
            measured = [_pair(archive, archive.url, f"{yardstick}/{whole.name}") for _ in range(pairs + 1)]
    figures = _compared(name, f"{name}_vs_nginx", f"{name}_nginx", measured)
    return [*figures, Figure(f"{name}_bytes", "bytes", [archive.size])]


def archive_tls_vs_nginx_tls(folder: Path, pairs: int = PAIRS) -> list[Figure]:
    """Measure over TLS 1.3, behind nginx as docker/nginx configures it, beside nginx's own TLS from a file."""
    study_uid = make_study(folder / "study")
    with TemporaryDirectory(dir=folder) as name, hospital(folder / "study", study_uid, Path(name) / "h") as archive:
        own = Path(name)
        whole, tls = _file_of(archive.size, own / "whole" / "archive.bin"), _certificate(own)
        with (
            shipped_nginx(own / "proxy", f"unix:{archive.socket}", tls) as proxy,
            nginx(whole.parent, own / "nginx", tls) as yardstick,
        ):
            ours = proxy + urlsplit(archive.url).path
            measured = [_pair(archive, ours, f"{yardstick}/{whole.name}") for _ in range(pairs + 1)]
    return _compared("archive_tls", "archive_tls_vs_nginx_tls", "nginx_tls", measured)


def archive_s3_vs_single_get(folder: Path, pairs: int = PAIRS) -> list[Figure]:
    """Measure the S3 store, which holds series packs, beside one presigned GET of one object from that server."""
    study_uid = make_study(folder / "study")
    with TemporaryDirectory(dir=folder) as name, s3(Path(name) / "s3") as server:
        bucket = server.new_bucket()
        with hospital(folder / "study", study_uid, Path(name) / "h", bucket) as archive:
            whole = _file_of(archive.size, Path(name) / "whole" / "archive.bin")
            client = server.server.client()
            client.fput_object(bucket_name=bucket.bucket, object_name="whole", file_path=str(whole))
            address = client.presigned_get_object(bucket_name=bucket.bucket, object_name="whole", expires=_A_DAY)
            measured = [_pair(archive, archive.url, address) for _ in range(pairs + 1)]
    return _compared("archive_s3", "archive_s3_vs_single_get", "s3_single_get", measured)


def _compared(ours: str, ratio: str, theirs: str, measured: list[tuple[float, float]]) -> list[Figure]:
    mine, other = zip(*measured[1:], strict=True)  # the first pair warmed the caches
    return [
        Figure(ratio, "ratio", [one / two for one, two in measured[1:]]),
        Figure(f"{ours}_mb_s", "MB/s", mine),
        Figure(f"{theirs}_mb_s", "MB/s", other),
    ]


def _pair(archive: Archive, url: str, yardstick: str) -> tuple[float, float]:
    ours = download(url, archive.headers, expect_bytes=archive.size)
    return ours, download(yardstick, expect_bytes=archive.size)


def _certificate(folder: Path) -> tuple[Path, Path]:
    """Certify this machine; nobody checks, since only the speed counts."""
    made = trustme.CA().issue_cert("127.0.0.1")
    certificate, key = folder / "tls.pem", folder / "tls.key"
    certificate.write_bytes(b"".join(blob.bytes() for blob in made.cert_chain_pems))
    key.write_bytes(made.private_key_pem.bytes())
    return certificate, key


def _file_of(size: int, file: Path) -> Path:
    """Write a file of that many bytes that are not all alike."""
    file.parent.mkdir()
    block = bytes(range(256)) * 4096
    with file.open("wb") as output:
        for _ in range(size // len(block)):
            output.write(block)
        output.write(block[: size % len(block)])
    return file
