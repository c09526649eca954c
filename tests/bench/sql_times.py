"""What the statements of a question take inside PostgreSQL, as the server writes it into its own log."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench.country import connected

_LINE = re.compile(r"^\[(\d+)\] LOG:  duration: ([\d.]+) ms  (?:parse|bind|execute|statement)[^:]*: (\w+)")
_ON = ("SET log_min_duration_statement = 0", "SET log_line_prefix = '[%p] '")


@dataclass(slots=True)
class Times:
    """Milliseconds of each transaction without its COMMIT, and of its COMMIT."""

    statements: list[float] = field(default_factory=list)
    commits: list[float] = field(default_factory=list)

    def percentile(self, share: float) -> float:
        """The time within which this share of the transactions did their work."""
        return _at(self.statements, share)

    def commit_percentile(self, share: float) -> float:
        """The time within which this share of them was on disk."""
        return _at(self.commits, share)


@contextmanager
def written(url: str) -> Iterator[Times]:
    """Let the server write down every statement of a block; the times are there when it is over."""
    times = Times()
    log, begin = _log_of(url)
    _set(url, *(f"ALTER SYSTEM {statement}" for statement in _ON))
    yield times
    _set(url, "ALTER SYSTEM RESET log_min_duration_statement", "ALTER SYSTEM RESET log_line_prefix")
    with log.open("rb") as lines:
        lines.seek(begin)
        _read(times, (line.decode(errors="replace") for line in lines))


def _read(times: Times, lines: Iterator[str]) -> None:
    """Add up each connection's statements, transaction by transaction; questions are those that write to the log."""
    spent: dict[str, float] = {}
    asked: set[str] = set()
    for line in lines:
        found = _LINE.match(line)
        if found is None:
            continue
        process, took, verb = found[1], float(found[2]), found[3]
        if verb == "COMMIT":
            if process in asked:
                times.statements.append(spent.get(process, 0.0))
                times.commits.append(took)
            spent.pop(process, None)
            asked.discard(process)
            continue
        spent[process] = spent.get(process, 0.0) + took
        if "INTO access_log" in line:
            asked.add(process)


def _log_of(url: str) -> tuple[Path, int]:
    """The server's log and how long it is now."""
    with connected(url) as connection:
        row = connection.execute("SHOW data_directory").fetchone()
    assert row is not None
    log = Path(row[0]).parent / "server.log"
    return log, log.stat().st_size


def _set(url: str, *statements: str) -> None:
    with connected(url) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.execute("SELECT pg_reload_conf()")
        connection.execute("SELECT pg_sleep(0.5)")


def _at(found: list[float], share: float) -> float:
    ordered = sorted(found)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
