"""What a bench finds: numbers by key, with how far apart the single runs were, and on what they were measured."""

import json
import os
import platform
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import median, quantiles

from rich.console import Console
from rich.table import Table
from tests.house.tree import ROOT

RESULTS = ROOT / "build" / "bench.json"
_PACKAGES = ("uvicorn", "uvloop", "httptools", "starlette", "isal")


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of a bench; `runs` are the single measurements behind it, if there were several."""

    key: str
    unit: str
    runs: Sequence[float]

    @property
    def value(self) -> float:
        """The median."""
        return median(self.runs)

    @property
    def spread(self) -> str:
        """The middle half of the runs, and the extremes."""
        if len(self.runs) < 4:
            return "-"
        low, _, high = quantiles(self.runs, n=4)
        return f"{_plain(low)} to {_plain(high)} (all: {_plain(min(self.runs))} to {_plain(max(self.runs))})"


def keep(figures: Iterable[Figure]) -> None:
    """Write the numbers beside those that other benches wrote before."""
    known = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    new = {figure.key: round(figure.value, 4) for figure in figures}
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(known | new, indent=1, sort_keys=True) + "\n")


def show(figures: Sequence[Figure]) -> None:
    """Print the numbers as a table, below what they were measured on."""
    console = Console(width=120)
    for name, value in measured_on().items():
        console.print(f"[dim]{name:10}[/] {value}")
    table = Table("figure", "median", "unit", "runs", "middle half", title=str(RESULTS.relative_to(ROOT)))
    for one in figures:
        table.add_row(one.key, _plain(one.value), one.unit, str(len(one.runs)), one.spread)
    console.print(table)


def _plain(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def measured_on() -> dict[str, str]:
    """Name the machine and the versions of what ran."""
    model = next((line for line in _lines("/proc/cpuinfo") if line.startswith("model name")), platform.machine())
    nginx = subprocess.run(["/usr/sbin/nginx", "-v"], capture_output=True, text=True, check=False).stderr.strip()
    return {
        "machine": f"{model.rpartition(': ')[2]}, {os.cpu_count()} cores, {_memory_gib()} GiB",
        "busy with": f"{os.getloadavg()[0]:.1f} processes in the last minute, these included",
        "system": platform.platform(terse=True),
        "python": platform.python_version(),
        "packages": ", ".join(f"{name} {version(name)}" for name in _PACKAGES),
        "nginx": nginx.rpartition("/")[2],
    }


def _memory_gib() -> int:
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2**30


def _lines(path: str) -> list[str]:
    file = Path(path)
    return file.read_text().splitlines() if file.exists() else []
