"""The list inside a download, read strictly: it may come from anybody until its signature has been checked."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from beeldpas.domain.errors import Malformed

_PART = r"[A-Z0-9_]{1,8}"
_PATH = re.compile(rf"{_PART}(/{_PART}){{0,7}}(\.[A-Z0-9]{{1,3}})?")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Listed:
    """One file that should be there. `study_uid` is empty for what the hospital made itself (DICOMDIR, README)."""

    path: str
    size: int
    sha256: str
    study_uid: str


@dataclass(frozen=True, slots=True)
class Listing:
    """What should be there, and who says so."""

    hospital: str
    gateway_id: str
    url: str
    files: tuple[Listed, ...]
    studies: Mapping[str, int]


def read_listing(content: Mapping[str, Any]) -> Listing:
    """Read the content of a MANIFEST.JSN. Raises: Malformed("manifest") when it is none or contradicts itself."""
    try:
        gateway = content["gateway"]
        groups = [content["generated"], content["files"], content["reports"]]
        files = tuple(_listed(entry) for group in groups for entry in group)
        studies = {_text(study["uid"]): _count(study["instances"]) for study in content["studies"]}
        counted = Counter(_text(entry["study_uid"]) for entry in content["files"])
        listing = Listing(_text(gateway["hospital"]), _text(gateway["id"]), _text(gateway["url"]), files, studies)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise Malformed("manifest") from error
    if counted != studies or len({file.path for file in files}) != len(files):
        raise Malformed("manifest")
    return listing


def _listed(entry: Mapping[str, Any]) -> Listed:
    path, digest = _text(entry["path"]), _text(entry["sha256"])
    if not _PATH.fullmatch(path) or not _SHA256.fullmatch(digest):
        raise ValueError("no path or no digest")
    return Listed(path, _count(entry["size"]), digest, _text(entry.get("study_uid", "")))


def _text(value: object) -> str:
    if not isinstance(value, str) or len(value) > 1024:
        raise ValueError("no text")
    return value


def _count(value: object) -> int:
    if type(value) is not int or not 0 <= value < 1 << 62:
        raise ValueError("no count")
    return value
