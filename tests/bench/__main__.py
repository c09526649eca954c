"""Measures, and writes what it found: `python -m tests.bench` prints a table and fills build/bench.json."""

from tests.bench.archives import archive_folder_vs_nginx
from tests.bench.figures import keep, show
from tests.house.tree import ROOT

BENCHES = (archive_folder_vs_nginx,)


def main() -> None:
    """Run every bench, one after the other: two at once would measure each other."""
    figures = [figure for bench in BENCHES for figure in bench(ROOT / "build" / "bench")]
    keep(figures)
    show(figures)


if __name__ == "__main__":
    main()
