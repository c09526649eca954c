"""Offline, at the receiver's: what was downloaded is proven whole, and a copy that somebody altered is found out.

The command runs as the receiver would run it, with the hospitals' public keys and no address to call.
"""

import asyncio
import json
import shutil
import sys
from pathlib import Path
from typing import Any, Final
from zipfile import ZipFile, ZipInfo

from beeldpas.demo.check.stage import Stage

_PROVEN, _WRONG, _UNPROVEN = 0, 1, 2
_INTO_THE_IMAGE: Final = 1000


async def check_offline(stage: Stage) -> None:
    """Verify every archive that was downloaded whole, and altered copies of the smallest."""
    archives = sorted(stage.work.glob("full-*.zip"), key=lambda file: file.stat().st_size)
    for archive in archives:
        code, told = await _verify(stage, archive)
        hospital, files = told.get("hospital", {}).get("id"), told.get("files", {})
        measured = f"{files.get('right')} of {files.get('listed')} files"
        stage.expect(f"{hospital}: beeldpas verify proves the archive offline", code == _PROVEN, measured)
    if archives:
        await _check_altered(stage, archives[0])


async def _check_altered(stage: Stage, archive: Path) -> None:
    code, told = await _verify(stage, archive, with_keys=False)
    held = code == _UNPROVEN and told["verdict"] == "consistent"
    stage.expect("without the hospital's key it agrees, and is not called proven", held, told.get("signature"))
    copy = archive.with_name("altered.zip")
    shutil.copyfile(archive, copy)
    image = _flip_one_bit(copy)
    code, told = await _verify(stage, copy)
    stage.expect(
        "one bit altered in one image: found out, and named", (code, told.get("altered")) == (_WRONG, [image]), image
    )
    _cut_in_half(copy)
    code, told = await _verify(stage, copy)
    kinds = [fault["kind"] for fault in told.get("faults", [])]
    measured = f"{len(told.get('missing', []))} files did not arrive"
    stage.expect(
        "half an archive: found out, with what is missing", (code, kinds) == (_WRONG, ["broken_off"]), measured
    )


def _flip_one_bit(archive: Path) -> str:
    """Alter an image in place; return its name."""
    with ZipFile(archive) as opened:
        image: ZipInfo = next(entry for entry in opened.infolist() if entry.filename.startswith("DICOM/"))
    with archive.open("r+b") as file:
        file.seek(image.header_offset + _INTO_THE_IMAGE)
        byte = file.read(1)[0]
        file.seek(-1, 1)
        file.write(bytes([byte ^ 1]))
    return image.filename


def _cut_in_half(archive: Path) -> None:
    with archive.open("r+b") as file:
        file.truncate(archive.stat().st_size // 2)


async def _verify(stage: Stage, archive: Path, *, with_keys: bool = True) -> tuple[int | None, dict[str, Any]]:
    words = ["-m", "beeldpas", "verify", str(archive), "--json"]
    words += ["--keys", str(stage.floor.hospitals_file)] if with_keys else []
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(sys.executable, *words, stdout=pipe, stderr=pipe)
    said, _ = await process.communicate()
    return process.returncode, json.loads(said or b"{}")
