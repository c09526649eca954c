"""A real S3 server for the tests: the demo's own, in a folder of its own, on a free port."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from beeldpas.demo.processes import Child, Processes, free_ports
from beeldpas.demo.s3 import ACCESS_KEY, S3Server
from beeldpas.gateway.objects.s3 import S3Store
from beeldpas.gateway.settings import S3Settings


class Server:
    """A running server, with as many buckets as the tests ask for; it can be stopped and started again."""

    def __init__(self, folder: Path, processes: Processes) -> None:
        (port,) = free_ports(1)
        self.server = S3Server(folder, port)
        self._processes = processes
        self._child: Child
        self.start()

    def start(self) -> None:
        """Start, and wait until it answers."""
        self._child = self.server.start(self._processes)
        self._processes.wait_ready(self._child)

    def stop(self) -> None:
        """Stop: the store is down."""
        self._processes.stop(self._child)

    def new_bucket(self, files: Path | None = None) -> S3Settings:
        """Make a bucket, filled with the files of a folder."""
        bucket = f"noord-{uuid4().hex[:12]}"
        self.server.client().make_bucket(bucket_name=bucket)
        if files is not None:
            self.server.fill(files, bucket)
        return S3Settings(
            kind="s3",
            endpoint=self.server.endpoint,
            bucket=bucket,
            secure=False,
            access_key=ACCESS_KEY,
            secret_key_file=self.server.secret_file,
        )


@contextmanager
def s3(folder: Path) -> Iterator[Server]:
    """A server for the length of a block."""
    with Processes(folder / "logs") as processes:
        yield Server(folder / "s3", processes)


def store(settings: S3Settings) -> S3Store:
    """Open a bucket as a gateway does."""
    return S3Store.connect(settings)
