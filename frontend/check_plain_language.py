"""Finds texts that are hard to read: long sentences, hard words, hidden doers. Part of `make check`.

The rules stand in `plain_language/`, the exceptions with their reasons in `plain_language/allowances.toml`. Exit
status 1 when anything is found.
"""

import sys
from pathlib import Path

from plain_language.allowances import read_allowances
from plain_language.checking import check

LOCALES = Path(__file__).parent / "locales"


def main() -> int:
    """Print what is wrong and return whether anything is."""
    found = check(LOCALES, read_allowances())
    for line in found:
        print(line)  # noqa: T201
    return min(len(found), 1)


if __name__ == "__main__":
    sys.exit(main())
