"""What every folder of tests may use: databases on both engines, and a log that threads may write to."""

from __future__ import annotations

import io
import itertools
import os
import re
from collections.abc import Callable, Iterator
from zlib import crc32

import pytest
import structlog
from tests.postgres import Cluster

NewDatabase = Callable[[str], str]
_ENGINES = ("sqlite", "postgresql")
_ENGINE = re.compile("|".join(_ENGINES))


class StandardOutput(io.TextIOBase):
    """File descriptor 1 itself: pytest empties `sys.stdout` while servers in threads write, and Python may break."""

    def write(self, text: str) -> int:
        """Hand the line on at once."""
        return os.write(1, text.encode())


structlog.configure(logger_factory=structlog.PrintLoggerFactory(file=StandardOutput()))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A story that is told on both engines is told on one of them in `make test`, by its name; the other is slow.

    `make test-all` tells all of them on both.
    """
    told: dict[str, list[pytest.Item]] = {}
    for item in items:
        told.setdefault(_ENGINE.sub("engine", item.nodeid), []).append(item)
    for story, twins in told.items():
        if len(twins) == len(_ENGINES):
            twins[crc32(story.encode()) % 2].add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[Cluster]:
    """One PostgreSQL server for the whole session, started by the first test that needs it."""
    cluster = Cluster.start()
    yield cluster
    cluster.stop()


@pytest.fixture(scope="module")
def new_database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[NewDatabase]:
    """Make an empty database: `new_database("sqlite")` or `new_database("postgresql")` gives its URL."""
    numbers = itertools.count(1)
    prefix = request.module.__name__.rpartition(".")[2].lower()[:40]
    dropped: list[str] = []

    def make(kind: str) -> str:
        if kind == "sqlite":
            return f"sqlite+aiosqlite:///{tmp_path_factory.mktemp(prefix)}/{prefix}.db"
        cluster: Cluster = request.getfixturevalue("postgres_cluster")
        name = f"{prefix}_{next(numbers)}"
        dropped.append(name)
        return cluster.create(name)

    yield make
    for name in dropped:
        request.getfixturevalue("postgres_cluster").drop(name)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, new_database: NewDatabase) -> str:
    """The URL of an empty database, fresh for each test module; every test runs on both engines."""
    return new_database(request.param)
