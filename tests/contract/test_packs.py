"""Series packs, in a folder and in a real S3 server: the same bytes as from loose files, also when more comes."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace

import pytest
from joserfc.jwk import OKPKey
from tests.conftest import NewDatabase
from tests.hospital_images import BRAMS_CT, HEAD_CT, KNEE_MR, fill, image, save
from tests.hospital_index import TODAY, Index
from tests.s3_server import Server, s3, store

from beeldpas.database.engine import migrate, open_engine, transaction
from beeldpas.domain.errors import Malformed
from beeldpas.gateway import packs
from beeldpas.gateway.app import MIGRATIONS
from beeldpas.gateway.archive import build
from beeldpas.gateway.holdings import HeldStudy
from beeldpas.gateway.index import held
from beeldpas.gateway.objects.folder import FolderStore
from beeldpas.gateway.packs import Source
from beeldpas.gateway.pump import Pump, Threads
from beeldpas.gateway.readme import Giver
from beeldpas.gateway.scrub import Scrub
from beeldpas.gateway.status import utc_now

ALL = (HEAD_CT, KNEE_MR, BRAMS_CT)
GIVER = Giver("noord", "https://noord.example", "Ziekenhuis Noord", "088 123 4567")
KEY = OKPKey.generate_key("Ed25519", {"kid": "noord-1"})


@pytest.fixture(scope="module")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with s3(tmp_path_factory.mktemp("s3")) as server:
        yield server


@pytest.fixture(params=["folder", "s3"])
async def hospital(request, new_database: NewDatabase, tmp_path: Path):
    """A hospital whose images go into packs, in a store of each kind; and how its packs are changed from outside."""
    found = await _index(new_database, tmp_path / "packs")
    if request.param == "s3":
        found.store = store(request.getfixturevalue("s3_server").new_bucket())
    yield found
    await found.engine.dispose()


async def _index(new_database: NewDatabase, folder: Path) -> Index:
    folder.mkdir()  # noqa: ASYNC240
    url = new_database("sqlite")
    await asyncio.to_thread(migrate, url, MIGRATIONS)
    found = Index(open_engine(url), folder)
    await found.crosswalk()
    return found


async def studies_of(hospital: Index, generation: int | None = None) -> tuple[HeldStudy, ...]:
    async with transaction(hospital.engine) as connection:
        return await held(connection, ALL, TODAY, generation)


async def download(hospital: Index, generation: int | None = None) -> SimpleNamespace:
    archive = build(await studies_of(hospital, generation), GIVER, "nl", KEY)
    threads = Threads()
    pump, body = Pump(hospital.store, threads, archive.pieces, 0, archive.pieces.total), bytearray()
    while (chunk := await pump.next()) is not None:
        body += chunk
    pump.close()
    threads.close()
    return SimpleNamespace(etag=archive.etag, body=bytes(body))


async def test_the_archive_from_packs_is_that_from_loose_files(hospital, new_database, tmp_path):
    fill(tmp_path / "import")
    loose = await _index(new_database, tmp_path / "loose")
    loose.store = FolderStore(tmp_path / "import")
    await loose.ingest()
    await hospital.ingest(tmp_path / "import")
    assert sum(1 for _ in hospital.store.listing()) == 6
    ours, theirs = await download(hospital), await download(loose)
    assert ours.etag == theirs.etag
    assert sha256(ours.body).digest() == sha256(theirs.body).digest()
    await loose.engine.dispose()


async def test_a_download_goes_on_unchanged_while_an_instance_comes_later(hospital, tmp_path):
    fill(tmp_path / "import")
    await hospital.ingest(tmp_path / "import")
    generation = await hospital.generation()
    before, objects = await download(hospital, generation), set(hospital.store.listing())
    save(image(HEAD_CT, 1, 6), tmp_path / "import")
    assert (await hospital.ingest(tmp_path / "import")).indexed == 1
    assert set(hospital.store.listing()) > objects
    assert await download(hospital, generation) == before
    assert (await download(hospital)).etag != before.etag
    assert (await hospital.ingest()).unchanged == 12


async def test_the_index_is_made_anew_from_the_store_alone(hospital, new_database, tmp_path):
    fill(tmp_path / "import")
    await hospital.ingest(tmp_path / "import")
    other = await _index(new_database, tmp_path / "other")
    other.store = hospital.store
    done = await other.ingest()
    assert (done.indexed, done.skipped) == (11, [])
    assert await download(other) == await download(hospital)
    assert await Scrub(other.engine, other.store, utc_now).once() == (11, [])
    await other.engine.dispose()


async def test_a_pack_of_several_parts_is_one_object(hospital, tmp_path):
    """Larger than what goes to an S3 server at a time."""
    sources = []
    for number in (1, 2, 3):
        path = tmp_path / f"{number}.bin"
        path.write_bytes(bytes(128) + number.to_bytes(1) * 11_000_000)
        sources.append(Source(path, path.stat().st_size, path.stat().st_mtime_ns, f"1.2.{number}"))
    facts, members = packs.write(hospital.store, "1.2", "1.2.3", sources)
    assert packs.read_list(hospital.store, facts) == members
    assert list(hospital.store.listing("1.2/1.2.3/")) == [facts]
    for source, member in zip(sources, members, strict=True):
        room = memoryview(bytearray(member.length))
        reader = hospital.store.open(facts.key, facts.version, member.start, member.length)
        reader.read_into(room)
        reader.close()
        assert sha256(room).digest() == sha256(source.path.read_bytes()).digest() == member.checksums.sha256


async def test_a_file_that_is_not_what_it_was_leaves_nothing_behind(hospital, tmp_path):
    path = tmp_path / "1.bin"
    path.write_bytes(bytes(1000))
    good = Source(path, 1000, path.stat().st_mtime_ns, "1.2.1")
    for source in (Source(path, 999, good.changed_ns, "1.2.2"), Source(tmp_path / "none", 9, 9, "1.2.3")):
        with pytest.raises(Malformed) as refused:
            packs.write(hospital.store, "1.2", "1.2.3", [good, source])
        assert refused.value.detail == {"number": 1}
    assert list(hospital.store.listing()) == []


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no pack",
        bytes(10_000),
        packs._FOOT.pack(1 << 62, 0, b"beeldpas pack 1\n"),
        packs._FOOT.pack(0, 0, b"beeldpas pack 1\n"),
        b"[" * 100_000 + packs._FOOT.pack(100_000, packs.crc32(b"[" * 100_000), b"beeldpas pack 1\n"),
        *(
            listed + packs._FOOT.pack(len(listed), packs.crc32(listed), b"beeldpas pack 1\n")
            for listed in (
                b"{}",
                b"[1]",
                b'{"instances":[1]}',
                b'{"instances":[{"sop_uid":"1","start":0,"length":9,"crc32":"0","sha256":"00"}]}',
                b'{"instances":[{"sop_uid":"1","start":-5,"length":1,"crc32":"0","sha256":"00"}]}',
            )
        ),
    ],
)
async def test_what_only_calls_itself_a_pack_is_left_out_and_said_to_be_damaged(hospital, tmp_path, content):
    (tmp_path / "x").write_bytes(content)
    with (tmp_path / "x").open("rb") as file:
        hospital.store.put("1.2/1.2.3/x.pack", file, len(content))
    done = await hospital.ingest()
    assert [(one.key, one.reason) for one in done.skipped] == [("1.2/1.2.3/x.pack", "pack_damaged")]
