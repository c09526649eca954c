"""The texts that may be harder than the rules say, each with its reason: `allowances.toml` beside this file."""

import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from .fault import Fault

ALLOWANCES = Path(__file__).parent / "allowances.toml"


@dataclass(frozen=True, slots=True)
class Allowance:
    """Where which rule is let go, in which language ("" is every one), and why."""

    where: str
    rule: str
    why: str
    language: str = ""

    def covers(self, fault: Fault) -> bool:
        """Say whether it is about this fault."""
        return (self.where, self.rule) == (fault.where, fault.rule) and self.language in ("", fault.language)


def read_allowances(file: Path = ALLOWANCES) -> tuple[Allowance, ...]:
    """Read the list. Raises: OSError, tomllib.TOMLDecodeError, TypeError (a field too many or too few)."""
    return tuple(Allowance(**one) for one in tomllib.loads(file.read_text(encoding="utf-8")).get("allowed", ()))


def without_allowed(faults: Iterable[Fault], allowances: Sequence[Allowance]) -> Iterator[str]:
    """Return what is wrong and not allowed, and every allowance that nothing needs any more."""
    needed = set()
    for fault in faults:
        covering = [one for one in allowances if one.covers(fault)]
        needed.update(covering)
        if not covering:
            yield str(fault)
    for one in allowances:
        if one not in needed:
            yield f"allowances.toml: {one.where}: {one.rule}: nothing needs this any more"
