"""The port to where files lie, kept by every store: a folder, and a real S3 server."""

import os
import time
from collections.abc import Callable, Iterator
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pytest
from tests.s3_server import Server, s3, store

from beeldpas.domain.errors import Malformed, Unavailable
from beeldpas.gateway.objects.folder import FolderStore
from beeldpas.gateway.objects.port import ObjectFacts, ObjectStore

CONTENT = os.urandom(300_000)
NewStore = Callable[[], ObjectStore]


@pytest.fixture(scope="module")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with s3(tmp_path_factory.mktemp("s3")) as server:
        yield server


@pytest.fixture(params=["folder", "s3"])
def new_store(request: pytest.FixtureRequest, tmp_path: Path) -> NewStore:
    """Make an empty store of each kind."""
    if request.param == "folder":
        return lambda: FolderStore(tmp_path)
    server: Server = request.getfixturevalue("s3_server")
    return lambda: store(server.new_bucket())


@pytest.fixture
def objects(new_store: NewStore) -> ObjectStore:
    return new_store()


def put(objects: ObjectStore, key: str, content: bytes = CONTENT) -> ObjectFacts:
    return objects.put(key, BytesIO(content), len(content))


def read(objects: ObjectStore, facts: ObjectFacts, start: int, length: int) -> bytes:
    reader = objects.open(facts.key, facts.version, start, length)
    target = memoryview(bytearray(length))
    at_hand = reader.read_at_hand(target)
    reader.read_into(target[at_hand:])
    reader.close()
    reader.close()
    return bytes(target)


def test_what_is_put_is_listed_and_read_back(objects):
    facts = put(objects, "1.2/1.3/1.4.dcm")
    assert list(objects.listing()) == [facts]
    assert (facts.size, read(objects, facts, 0, len(CONTENT))) == (len(CONTENT), CONTENT)


def test_an_empty_store_can_be_used(objects):
    objects.check()
    assert list(objects.listing()) == []


@pytest.mark.parametrize(("start", "length"), [(0, 1), (128, 1000), (299_999, 1), (100_000, 200_000)])
def test_any_stretch_can_be_read(objects, start, length):
    facts = put(objects, "a.dcm")
    assert read(objects, facts, start, length) == CONTENT[start : start + length]


def test_a_stretch_can_be_read_in_pieces_of_any_size(objects):
    facts, digest, left = put(objects, "a.dcm"), sha256(), len(CONTENT)
    reader = objects.open(facts.key, facts.version, 0, facts.size)
    while left:
        piece = memoryview(bytearray(min(left, 7_777)))
        got = reader.read_at_hand(piece)
        reader.read_into(piece[got:])
        digest.update(piece)
        left -= len(piece)
    reader.close()
    assert digest.digest() == sha256(CONTENT).digest()


def test_many_objects_are_listed_by_prefix(objects):
    for number in range(25):
        put(objects, f"a/{number}.dcm", b"x")
    put(objects, "b/1.dcm", b"x")
    assert len(list(objects.listing("a/"))) == 25
    assert len(list(objects.listing())) == 26


def test_other_bytes_are_another_version_and_the_old_one_is_not_served(objects):
    old = put(objects, "a.dcm")
    new = put(objects, "a.dcm", CONTENT[::-1])
    assert old.version != new.version
    with pytest.raises(Unavailable, match="object_altered") as refused:
        objects.open("a.dcm", old.version, 0, 10)
    assert not refused.value.retryable
    assert read(objects, new, 0, 10) == CONTENT[::-1][:10]


def test_an_object_that_is_not_there_is_gone(objects):
    with pytest.raises(Unavailable, match="object_gone"):
        objects.open("nowhere.dcm", "1", 0, 10)


def test_what_could_not_be_put_whole_is_not_there(objects):
    class Failing(BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise OSError(28, "No space left on device")

    with pytest.raises(Unavailable):
        objects.put("a.dcm", Failing(), 100)
    assert list(objects.listing()) == []


def test_a_folder_that_is_not_mounted_cannot_be_used(tmp_path):
    objects = FolderStore(tmp_path / "not-there")
    for use in (objects.check, lambda: list(objects.listing())):
        with pytest.raises(Unavailable, match="store_failed"):
            use()


@pytest.mark.parametrize("key", ["../a", "a/../../b", "/etc/passwd", "a//b", ".", "a\0b", ""])
def test_no_key_leads_out_of_the_folder(tmp_path, key):
    with pytest.raises(Malformed, match="object_key"):
        FolderStore(tmp_path).open(key, "1", 0, 1)


def test_what_a_killed_writer_left_is_never_listed_and_removed_after_a_day(tmp_path):
    objects = FolderStore(tmp_path)
    facts = put(objects, "1.2/1.3/1.pack")
    left, at_work = tmp_path / "1.2" / "1.3" / ".beeldpas-old", tmp_path / "1.2" / "1.3" / ".beeldpas-new"
    for path, age in ((left, 25 * 3600), (at_work, 3600)):
        path.write_bytes(b"half a pack")
        os.utime(path, (time.time() - age,) * 2)
    assert list(objects.listing()) == [facts]
    assert (left.exists(), at_work.exists()) == (False, True)


def test_what_is_removed_is_gone_and_leaves_no_empty_folders(objects):
    facts, other = put(objects, "1.2/1.3/1.pack"), put(objects, "1.2/1.4/1.pack")
    for _ in range(2):
        objects.remove(facts.key)
    assert list(objects.listing()) == [other]
    with pytest.raises(Unavailable, match="object_gone"):
        objects.open(facts.key, facts.version, 0, 10)
    if isinstance(objects, FolderStore):
        assert not (objects._root / "1.2" / "1.3").exists()


def test_a_link_in_the_folder_is_not_followed(tmp_path):
    (tmp_path / "elsewhere").write_text("x")
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "link.dcm").symlink_to(tmp_path / "elsewhere")
    objects = FolderStore(tmp_path / "files")
    assert list(objects.listing()) == []
    with pytest.raises(Unavailable):
        objects.open("link.dcm", "1", 0, 1)


def test_a_file_that_shrinks_while_it_is_read_is_altered(tmp_path):
    objects = FolderStore(tmp_path)
    facts = put(objects, "a.dcm")
    reader = objects.open(facts.key, facts.version, 0, facts.size)
    os.truncate(tmp_path / "a.dcm", 100)
    with pytest.raises(Unavailable, match="object_altered"):
        reader.read_into(memoryview(bytearray(1000)))
    reader.close()


def test_an_s3_server_that_is_down_is_said_to_be(tmp_path):
    with s3(tmp_path) as server:
        objects = store(server.new_bucket())
        facts = put(objects, "a.dcm")
        server.stop()
        for use in (
            objects.check,
            lambda: list(objects.listing()),
            lambda: objects.open("a.dcm", facts.version, 0, 1),
        ):
            with pytest.raises(Unavailable) as refused:
                use()
            assert refused.value.retryable


def test_a_wrong_secret_opens_nothing(s3_server, tmp_path):
    (tmp_path / "secret.txt").write_text("wrong")
    settings = s3_server.new_bucket().model_copy(update={"secret_key_file": tmp_path / "secret.txt"})
    with pytest.raises(Unavailable):
        store(settings).check()
