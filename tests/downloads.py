"""A download of the story, made without a hospital: two studies of Anna's in a ZIP, with a signed list."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path
from zlib import crc32

from joserfc.jwk import KeySet, OKPKey

from beeldpas.formats import zip as zip_format
from beeldpas.formats.jose import new_key
from beeldpas.formats.manifest import NAME, sign_manifest

KEY = new_key("noord-1")
KEYS = KeySet([KEY])
HEAD_CT, KNEE_MR = "1.2.826.0.1.1", "1.2.826.0.1.2"
IMAGE = "DICOM/ST000001/SE000001/IM000002"
REPORT = "REPORTS/R0000001.PDF"
Files = dict[str, bytes]


def image(study: str, number: int) -> bytes:
    """Something that any program takes for a DICOM file."""
    return bytes(128) + b"DICM" + f"{study} {number} ".encode() * 2000


def files() -> Files:
    """What the hospital gave, without its list."""
    given: Files = {"DICOMDIR": bytes(128) + b"DICM", "README.TXT": b"Beelden\r\n", "INDEX.HTM": b"<!DOCTYPE html>"}
    given |= {f"DICOM/ST000001/SE000001/IM{number:06d}": image(HEAD_CT, number) for number in (1, 2, 3)}
    given |= {"DICOM/ST000002/SE000001/IM000001": image(KNEE_MR, 1), REPORT: b"%PDF-1.4 verslag"}
    return given


def manifest(given: Files, key: OKPKey = KEY, **changed: object) -> bytes:
    """The hospital's list of it."""
    listed = [(path, {"path": path, "size": len(content), "sha256": sha256(content).hexdigest()})
              for path, content in given.items()]  # fmt: skip
    studies = {"ST000001": HEAD_CT, "ST000002": KNEE_MR}
    images = [entry | {"study_uid": studies[path[6:14]]} for path, entry in listed if path.startswith("DICOM/")]
    content = {
        "gateway": {"id": "noord", "url": "https://noord.example", "hospital": "Ziekenhuis Noord"},
        "studies": [
            {"uid": uid, "instances": sum(one["study_uid"] == uid for one in images)} for uid in studies.values()
        ],
        "files": images,
        "reports": [entry | {"study_uid": HEAD_CT} for path, entry in listed if path.startswith("REPORTS/")],
        "generated": [entry for path, entry in listed if "/" not in path],
    }
    return sign_manifest(content | changed, key)


def listed(given: Files, **changed: object) -> Files:
    """The files with their list, which stands behind the other generated ones."""
    start = {name: content for name, content in given.items() if "/" not in name}
    return start | {NAME: manifest(given, **changed)} | {name: given[name] for name in given if "/" in name}


def zipped(content: Mapping[str, bytes]) -> bytes:
    """The ZIP as a gateway lays it out."""
    laid = zip_format.lay_out(zip_format.Entry(name, data, crc32(data)) for name, data in content.items())
    return b"".join(laid.sources)


def saved(folder: Path, content: Mapping[str, bytes] | bytes) -> Path:
    """The ZIP file, on the receiver's disk."""
    target = folder / "beelden.zip"
    target.write_bytes(content if isinstance(content, bytes) else zipped(content))
    return target


def unpacked(folder: Path, content: Mapping[str, bytes], named: Callable[[str], str] = str) -> Path:
    """The same, as a folder; `named` gives every file another name."""
    for name, data in content.items():
        target = folder / "beelden" / named(name)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    return folder / "beelden"


def repacked(folder: Path, content: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED, top: str = "") -> Path:
    """Packed again by somebody, with another program."""
    target = folder / "beelden.zip"
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, data in content.items():
            archive.writestr(top + name, data)
    return target
