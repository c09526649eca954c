"""An object that is not what was indexed: never a wrong byte that passes for a right one, and somebody is told.

Once for loose files, once for series packs, once for packs in a bucket of a real S3 server.
"""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from pathlib import Path

import httpx2
import pytest
from tests.hospital import Served, ingest, serving, settings, wait_until
from tests.hospital_images import HEAD_CT, crosswalk_csv, large_image, save
from tests.hospital_portal import portal
from tests.s3_server import s3, store

from beeldpas.demo.processes import free_ports

MEGABYTE = 1_000_000
THIRD = b"\x00\x03" * 50_000  # pixels of the third image only


@dataclass
class Kept:
    """A hospital with six images of 4 MB, and a way to change one bit of the third where it lies."""

    noord: Served
    alter: Callable[[], None]

    def get(self, **headers: str) -> httpx2.Response:
        return self.noord.client.get(self._lease[0], headers={**self._lease[1], **headers})

    @cached_property
    def _lease(self) -> tuple[str, dict[str, str]]:
        return self.noord.lease([HEAD_CT])

    def failures(self, reason: str) -> float:
        """What the hospital's monitoring sees."""
        text = self.noord.client.get("/metrics").text
        found = re.search(rf'objects_failed_total{{reason="{reason}"}} ([\d.]+)', text)
        return float(found[1]) if found else 0.0


def flip(file: Path) -> None:
    """Change a bit within the third image; nothing but the bytes shows it."""
    found = file.stat()
    content = bytearray(file.read_bytes())
    content[content.index(THIRD) + 1_000_001] ^= 1
    file.write_bytes(content)
    os.utime(file, ns=(found.st_atime_ns, found.st_mtime_ns))


@pytest.fixture(params=["loose files", "series packs", "packs in a bucket"])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Kept]:
    source, files = tmp_path / "source", tmp_path / "files"
    for number in range(1, 7):
        save(large_image(HEAD_CT, number, 4 * MEGABYTE), source)
    if request.param == "loose files":
        source = source.rename(files)
    files.mkdir(exist_ok=True)
    in_bucket = request.param == "packs in a bucket"
    with s3(tmp_path / "server") if in_bucket else nullcontext() as server, portal(tmp_path) as trusted:
        bucket = server.new_bucket() if server else None
        found = settings(tmp_path, trusted, free_ports(1)[0], **({"objects": bucket} if bucket else {}))
        found.state_dir.mkdir()
        crosswalk_csv(found.state_dir / "crosswalk.csv")
        ingest(found, None if request.param == "loose files" else source)

        def alter() -> None:
            if bucket is None:
                flip(next(file for file in files.rglob("*") if file.is_file() and THIRD in file.read_bytes()))
                return
            objects = store(bucket)
            (facts,) = objects.listing()
            content = bytearray(facts.size)
            objects.open(facts.key, facts.version, 0, facts.size).read_into(memoryview(content))
            content[content.index(THIRD) + 1_000_001] ^= 1
            objects.put(facts.key, BytesIO(content), facts.size)

        with serving(found, trusted) as noord:
            yield Kept(noord, alter)


def test_what_was_altered_never_passes_for_whole(kept, capfd):
    whole = kept.get()
    assert whole.status_code == 200
    before = kept.failures("object_altered")
    kept.alter()
    with pytest.raises(httpx2.HTTPError):
        answer = kept.get()
        raise httpx2.ReadError(f"refused: {answer.status_code}") if answer.status_code == 503 else AssertionError
    assert kept.failures("object_altered") == before + 1
    assert "object_failed" in capfd.readouterr().out
    wait_until(lambda: not len(kept.noord.house.transfers))
    assert not [event for event in kept.noord.portal.told[2:] if event["outcome"] == "completed"]


def test_no_range_of_what_was_altered_goes_out_and_what_lies_beside_it_does(kept):
    """A pack in a bucket is one object, which is another one as soon as a byte of it differs."""
    whole = kept.get().content
    third = whole.index(THIRD)
    ranges = {
        "within the image": (third + 500_000, third + 500_099),
        "its end": (third + 3_000_000, third + 4_500_000),
        "its beginning": (third - 1_000_000, third + 10),
    }
    for first, last in ranges.values():
        assert kept.get(Range=f"bytes={first}-{last}").content == whole[first : last + 1]
    kept.alter()
    for what, (first, last) in ranges.items():
        assert kept.get(Range=f"bytes={first}-{last}").status_code == 503, what
    assert kept.failures("object_altered") >= len(ranges)
    beside = kept.get(Range="bytes=0-2000000")
    if kept.noord.house.store.is_far:
        assert beside.status_code == 503
    else:
        assert (beside.status_code, beside.content) == (206, whole[:2_000_001])
