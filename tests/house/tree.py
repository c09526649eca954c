"""What the house tests look at: the project's own files, and the Python in them."""

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SERVICE = ROOT / "service" / "beeldpas"
_CODE = (".py", ".mjs", ".ts")


@cache
def files() -> tuple[Path, ...]:
    """Every file that belongs to the project, those not yet committed included; nothing that was built."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    found = (ROOT / name for name in sorted(set(listed.split("\0"))) if name)
    return tuple(file for file in found if file.is_file())


def texts() -> Iterator[tuple[str, str]]:
    """Every text file as (path, content)."""
    for file in files():
        try:
            yield name_of(file), file.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # a picture or a font


@dataclass(frozen=True, slots=True)
class Module:
    """One Python file."""

    name: str
    tree: ast.Module
    lines: int

    def functions(self) -> Iterator[tuple[str, int]]:
        """Every function as (name, lines from `def` to the end)."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield node.name, (node.end_lineno or node.lineno) - node.lineno + 1


@cache
def modules() -> tuple[Module, ...]:
    """Every Python file of the project, read and parsed once."""
    python = [file for file in files() if file.suffix == ".py"]
    sources = [(name_of(file), file.read_text(encoding="utf-8")) for file in python]
    return tuple(Module(name, ast.parse(text), text.count("\n")) for name, text in sources)


def code_lengths() -> Iterator[tuple[str, int]]:
    """Every file of code as (path, lines)."""
    for file in files():
        if file.suffix in _CODE:
            yield name_of(file), file.read_text(encoding="utf-8").count("\n")


def name_of(file: Path) -> str:
    """The path as people write it, from the top of the project."""
    return file.relative_to(ROOT).as_posix()
