"""A real S3 server for the third hospital: `juicefs gateway`, which verifies signatures as S3 asks.

Data and names live in one folder; the keys are made at first start and stay in that folder.
*Source:* components.md (measured: tampered, foreign and expired signatures are refused).
"""

import json
import os
import secrets
import subprocess
import sysconfig
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from minio import Minio

from beeldpas.demo.processes import Child, Processes, ProcessFailed

BUCKET: Final = "zuid-beelden"
_UPLOADERS: Final = 4


@dataclass(frozen=True, slots=True)
class Keys:
    """The account that may read and write."""

    access_key: str
    secret_key: str


class S3Server:
    """One S3 server on a loopback port, with its files below `folder`."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.port = port
        self.endpoint = f"127.0.0.1:{port}"
        folder.mkdir(parents=True, exist_ok=True)
        self.keys = _keys(folder / "keys.json")

    def start(self, processes: Processes) -> Child:
        """Format the volume at first start, then start the server."""
        if not (self.folder / "meta.db").exists():
            self._format()
        command = [_juicefs(), "gateway", self._meta, self.endpoint]
        command += ["--multi-buckets", "--keep-etag", "--object-meta", "--no-banner", "--no-usage-report"]
        command += ["--cache-dir", str(self.folder / "cache"), "--cache-size", "100M"]
        command += ["--metrics", "127.0.0.1:0", "--backup-meta", "0"]
        environment = {
            "MINIO_ROOT_USER": self.keys.access_key,
            "MINIO_ROOT_PASSWORD": self.keys.secret_key,
        }
        return processes.start("s3", command, self.port, environment)

    def client(self) -> Minio:
        """Open a client with the server's own account."""
        return Minio(
            self.endpoint,
            access_key=self.keys.access_key,
            secret_key=self.keys.secret_key,
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


def _keys(file: Path) -> Keys:
    if not file.exists():
        made = {"access_key": secrets.token_hex(10), "secret_key": secrets.token_hex(20)}
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as output:
            json.dump(made, output)
    return Keys(**json.loads(file.read_text()))
