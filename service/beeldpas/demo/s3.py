"""A real S3 server for the third hospital: `juicefs gateway`, which verifies signatures as S3 asks.

Data and names live in one folder; its secret key is made at first start and stays there.
*Source:* components.md (measured: tampered, foreign and expired signatures are refused).
"""

import os
import secrets
import subprocess
import sysconfig
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from minio import Minio

from beeldpas.demo.processes import Child, Processes, ProcessFailed

BUCKET: Final = "zuid-beelden"
ACCESS_KEY: Final = "zuid"
_UPLOADERS: Final = 4


class S3Server:
    """One S3 server on a loopback port, with its files below `folder`."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.port = port
        self.endpoint = f"127.0.0.1:{port}"
        folder.mkdir(parents=True, exist_ok=True)
        self.secret_file = folder / "secret.txt"
        self._secret = _secret(self.secret_file)

    def start(self, processes: Processes) -> Child:
        """Format the volume at first start, then start the server."""
        if not (self.folder / "meta.db").exists():
            self._format()
        command = [_juicefs(), "gateway", self._meta, self.endpoint]
        command += ["--multi-buckets", "--keep-etag", "--object-meta", "--no-banner", "--no-usage-report"]
        command += ["--cache-dir", str(self.folder / "cache"), "--cache-size", "100M"]
        command += ["--metrics", "127.0.0.1:0", "--backup-meta", "0"]
        environment = {
            "MINIO_ROOT_USER": ACCESS_KEY,
            "MINIO_ROOT_PASSWORD": self._secret,
        }
        return processes.start("s3", command, self.port, environment)

    def client(self) -> Minio:
        """Open a client with the server's own account."""
        return Minio(
            self.endpoint,
            access_key=ACCESS_KEY,
            secret_key=self._secret,
            secure=False,
        )

    def fill(self, folder: Path, bucket: str = BUCKET) -> None:
        """Put every file below `folder` into the bucket, under its path there; what is there already stays."""
        client = self.client()
        if not client.bucket_exists(bucket):
            client.make_bucket(bucket)
        there = {item.object_name: item.size for item in client.list_objects(bucket, recursive=True)}
        names = {str(file.relative_to(folder)): file for file in folder.rglob("*") if file.is_file()}
        missing = [name for name, file in names.items() if there.get(name) != file.stat().st_size]
        with ThreadPoolExecutor(_UPLOADERS) as pool:
            list(pool.map(lambda name: client.fput_object(bucket, name, str(names[name])), missing))

    @property
    def _meta(self) -> str:
        return f"sqlite3://{self.folder}/meta.db"

    def _format(self) -> None:
        command = [_juicefs(), "format", "--storage", "file", "--bucket", f"{self.folder}/data/"]
        command += [self._meta, "beelden", "--trash-days", "0"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise ProcessFailed(f"juicefs format ended with {done.returncode}:\n{done.stderr}")


def _juicefs() -> str:
    return str(Path(sysconfig.get_path("scripts")) / "juicefs")


def _secret(file: Path) -> str:
    if not file.exists():
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as output:
            output.write(secrets.token_hex(20))
    return file.read_text()
