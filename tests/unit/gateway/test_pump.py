"""The pump: every range is the slice of the whole, and a changed object ends the transfer before it can end well."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from isal.isal_zlib import crc32

from beeldpas.domain.errors import Unavailable
from beeldpas.formats.pieces import Pieces
from beeldpas.gateway import pump as pump_module
from beeldpas.gateway import reading
from beeldpas.gateway.objects.port import altered, failed
from beeldpas.gateway.pump import Pump, Stored, Threads


@dataclass
class Memory:
    """Objects in memory. `at_hand`: how many bytes a read gives without waiting; `breaks` objects fail half-way."""

    objects: dict[str, bytes]
    ahead: int = 0
    is_far: bool = False
    at_hand: int = 1 << 30
    breaks: set[str] = field(default_factory=set)
    opened: list["MemoryReader"] = field(default_factory=list)

    def open(self, key: str, version: str, start: int, length: int) -> "MemoryReader":
        if version != "1":
            raise altered()
        reader = MemoryReader(self, self.objects[key][start : start + length], key in self.breaks)
        self.opened.append(reader)
        return reader


@dataclass
class MemoryReader:
    """A stretch of an object in memory."""

    store: Memory
    left: bytes
    breaks: bool
    closed: bool = False

    def read_at_hand(self, target: memoryview) -> int:
        got = min(len(target), self.store.at_hand, len(self.left))
        self._give(target[:got])
        return got

    def read_into(self, target: memoryview) -> None:
        if self.breaks:
            raise failed()
        self._give(target)

    def _give(self, target: memoryview) -> None:
        assert not self.closed
        target[:] = self.left[: len(target)]
        self.left = self.left[len(target) :]

    def close(self) -> None:
        self.closed = True


@pytest.fixture(scope="module")
def threads() -> Iterator[Threads]:
    found = Threads(4)
    yield found
    found.close()


def stored(key: str, content: bytes, start: int = 0, length: int | None = None, is_dicom: bool = False) -> Stored:
    part = content[start : start + (len(content) if length is None else length)]
    served = bytes(min(128, len(part))) + part[128:] if is_dicom else part
    return Stored(key, "1", start, len(part), crc32(served), is_dicom)


async def pumped(store: Memory, threads: Threads, pieces: Pieces[Stored], start: int, stop: int) -> bytes:
    pump, got = Pump(store, threads, pieces, start, stop), b""
    try:
        while (chunk := await pump.next()) is not None:
            got += chunk
    finally:
        pump.close()
    return got


OBJECTS = st.lists(st.binary(min_size=1, max_size=300), min_size=1, max_size=5)


@settings(max_examples=60, deadline=None)
@given(
    contents=OBJECTS,
    ahead=st.sampled_from([0, 2]),
    is_far=st.booleans(),
    at_hand=st.sampled_from([0, 7, 1 << 30]),
    data=st.data(),
)
def test_any_range_equals_the_slice_of_the_whole(threads, contents, ahead, is_far, at_hand, data):
    store = Memory({str(n): content for n, content in enumerate(contents)}, ahead, is_far, at_hand)
    sources: list[bytes | Stored] = []
    whole = b""
    for number, content in enumerate(contents):
        sources += [b"head-%d" % number, stored(str(number), content, is_dicom=True)]
        whole += b"head-%d" % number + bytes(min(128, len(content))) + content[128:]
    start = data.draw(st.integers(0, len(whole)))
    stop = data.draw(st.integers(start, len(whole)))
    with pytest.MonkeyPatch.context() as patch:
        for name in ("CHUNK_BYTES", "CHUNK_BYTES_AHEAD"):
            patch.setattr(pump_module, name, data.draw(st.sampled_from([1, 50, 1 << 20])))
        got = asyncio.run(pumped(store, threads, Pieces(sources), start, stop))
    assert got == whole[start:stop]
    assert all(reader.closed for reader in store.opened)


async def test_small_files_share_a_chunk(threads):
    store = Memory({str(n): b"x" * 10 for n in range(5)})
    pump = Pump(store, threads, Pieces([stored(key, content) for key, content in store.objects.items()]), 0, 50)
    assert (len(await pump.next() or b""), await pump.next()) == (50, None)


@pytest.mark.parametrize("at_hand", [0, 1 << 30])
async def test_an_object_that_changed_is_never_sent_to_its_end(threads, monkeypatch, at_hand):
    monkeypatch.setattr(pump_module, "CHUNK_BYTES", 100)
    store = Memory({"a": bytes(250)}, at_hand=at_hand)
    pieces = Pieces([stored("a", bytes(249) + b"!")])
    pump, got = Pump(store, threads, pieces, 0, 250), 0
    with pytest.raises(Unavailable, match="object_altered"):
        while chunk := await pump.next():
            got += len(chunk)
    pump.close()
    assert got == 200


@pytest.mark.parametrize(("start", "stop"), [(10, 20), (0, 249), (1, 250), (200, 260)])
async def test_no_part_of_an_object_that_changed_is_sent(threads, start, stop):
    """The byte that changed lies outside the range, too."""
    changed = bytes(100) + b"!" + bytes(149)
    pieces = Pieces([stored("a", bytes(250)), b"0123456789"])
    with pytest.raises(Unavailable, match="object_altered"):
        await pumped(Memory({"a": changed}), threads, pieces, start, stop)


async def test_of_a_very_large_object_a_part_is_of_the_same_version(threads, monkeypatch):
    monkeypatch.setattr(reading, "_CHECKED_FOR_A_PART", 100)
    good, other = stored("a", bytes(250)), Stored("a", "2", 0, 250, 0)
    assert await pumped(Memory({"a": bytes(250)}), threads, Pieces([good]), 10, 20) == bytes(10)
    with pytest.raises(Unavailable, match="object_altered"):
        await pumped(Memory({"a": bytes(250)}), threads, Pieces([other]), 10, 20)


@pytest.mark.parametrize("is_far", [False, True])
@pytest.mark.parametrize("ahead", [0, 3])
async def test_a_store_that_fails_half_way_ends_it_and_lets_go_of_everything(threads, ahead, is_far):
    store = Memory({str(n): bytes(10) for n in range(5)}, ahead, is_far, at_hand=0, breaks={"2"})
    pieces = Pieces([stored(key, content) for key, content in store.objects.items()])
    with pytest.raises(Unavailable, match="store_failed"):
        await pumped(store, threads, pieces, 0, 50)
    await asyncio.sleep(0)
    assert all(reader.closed for reader in store.opened)


async def test_memory_that_somebody_still_holds_is_not_filled_again(threads, monkeypatch):
    monkeypatch.setattr(pump_module, "CHUNK_BYTES", 4)
    pieces: Pieces[Stored] = Pieces([b"aaaabbbbccccdddd"])
    pump = Pump(Memory({}), threads, pieces, 0, 16)
    held = [await pump.next(), await pump.next()]
    assert [bytes(chunk or b"") for chunk in held] == [b"aaaa", b"bbbb"]
    del held[0]
    assert bytes(await pump.next() or b"") == b"cccc"
    assert bytes(held[0] or b"") == b"bbbb"
    assert len(pump._rooms._rooms) == 2
