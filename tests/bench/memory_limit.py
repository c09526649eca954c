"""How much memory a PostgreSQL server may use, page cache included: a memory cgroup, where the kernel has them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.postgres import Cluster

_ROOT = Path("/sys/fs/cgroup/memory")
_NONE = -1


@dataclass(slots=True)
class MemoryLimit:
    """A limit that can be lifted while data is loaded; `group` is None where there is no such thing."""

    group: Path | None
    limit: int

    @classmethod
    @contextmanager
    def of(cls, cluster: Cluster, limit: int) -> Iterator["MemoryLimit"]:
        """Put a running server and what it starts into a group of its own for one block."""
        group = _ROOT / f"beeldpas-bench-{cluster.port}"
        try:
            group.mkdir()
            process = (cluster.folder / "data" / "postmaster.pid").read_text().split("\n")[0]
            (group / "cgroup.procs").write_text(process)
        except OSError:
            yield cls(None, limit)
            return
        try:
            yield cls(group, limit)
        finally:
            for one in (group / "cgroup.procs").read_text().split():
                (_ROOT / "cgroup.procs").write_text(one)
            group.rmdir()

    def lift(self) -> None:
        """Let the server use what there is."""
        self._write(_NONE)

    def hold(self) -> None:
        """Hold the server to its limit, and take the pages that it has beyond it away."""
        self._write(self.limit)

    @property
    def gib(self) -> float:
        """The limit, or 0 where there is none."""
        return self.limit / 2**30 if self.group else 0.0

    def _write(self, limit: int) -> None:
        if self.group is not None:
            (self.group / "memory.limit_in_bytes").write_text(str(limit))
