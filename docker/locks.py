"""Writes the lock file of each image: that part of requirements.lock which one extra needs, hashes and all.

Run it after requirements.lock changed:  .venv/bin/python docker/locks.py
What a package needs is read from what is installed here; versions and hashes come from requirements.lock only.
"""

import re
import tomllib
from collections.abc import Iterable
from importlib.metadata import requires
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
LOCKS = Path(__file__).with_name("locks")
IMAGES = ("build", "portal", "registry", "pseudonyms", "gateway")
# The images run CPython on Linux; what only other systems need stays out.
PLATFORM = {
    "implementation_name": "cpython",
    "platform_python_implementation": "CPython",
    "platform_system": "Linux",
    "python_full_version": "3.11.14",
    "python_version": "3.11",
    "sys_platform": "linux",
}


def lock_of(image: str) -> str:
    """Return the text of an image's lock file."""
    wanted = _closure(_first(image))
    return "".join(block for name, block in _blocks() if name in wanted)


def _first(image: str) -> Iterable[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    if image == "build":
        return map(Requirement, project["build-system"]["requires"])
    extras = project["project"]["optional-dependencies"]
    return [*map(Requirement, project["project"]["dependencies"]), *_of_extra(image, extras)]


def _of_extra(extra: str, extras: dict[str, list[str]]) -> Iterable[Requirement]:
    for needed in map(Requirement, extras[extra]):
        if needed.name == "beeldpas":
            for inner in needed.extras:
                yield from _of_extra(inner, extras)
        else:
            yield needed


def _closure(first: Iterable[Requirement]) -> set[str]:
    """Return the names of everything that these need, themselves included."""
    seen: set[tuple[str, str]] = set()
    waiting = list(first)
    while waiting:
        needed = waiting.pop()
        for extra in ("", *needed.extras):
            if (key := (canonicalize_name(needed.name), extra)) not in seen:
                seen.add(key)
                waiting += _needs(needed.name, extra)
    return {name for name, _ in seen}


def _needs(name: str, extra: str) -> list[Requirement]:
    asked = map(Requirement, requires(name) or [])
    return [one for one in asked if not one.marker or one.marker.evaluate(PLATFORM | {"extra": extra})]


def _blocks() -> Iterable[tuple[str, str]]:
    """Cut requirements.lock into (name, its lines), leaving out what is not for the images' platform."""
    for block in re.split(r"(?m)^(?=[a-z0-9])", (ROOT / "requirements.lock").read_text()):
        if block.strip():
            needed = Requirement(block.partition("\\")[0].strip())
            if not needed.marker or needed.marker.evaluate(PLATFORM):
                yield canonicalize_name(needed.name), block


if __name__ == "__main__":
    LOCKS.mkdir(exist_ok=True)
    for image in IMAGES:
        (LOCKS / f"{image}.lock").write_text(lock_of(image))
