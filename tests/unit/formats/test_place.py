"""A glance says of every file what a careful look says, or leaves it to that."""

from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.data import get_testdata_file
from tests.hospital_images import HEAD_CT, image
from tests.hostile import corpus, part10

from beeldpas.domain.errors import Malformed
from beeldpas.formats.dicom import instance_of, read_header
from beeldpas.formats.place import Place, glance, place_of

SAMPLES = Path(str(get_testdata_file("CT_small.dcm", download=False))).parent
HEAD = part10(image(HEAD_CT, 1, 7))


def look(content: bytes) -> Place:
    return glance(BytesIO(content), len(content))


def test_a_glance_says_what_a_careful_look_says():
    told, closely = 0, 0
    for path in sorted(path for path in SAMPLES.rglob("*") if path.is_file()):
        content = path.read_bytes()
        try:
            expected = place_of(instance_of(read_header(BytesIO(content), len(content))))
        except Malformed:
            continue
        closely += 1
        try:
            assert look(content) == expected, path.name
            told += 1
        except Malformed:
            assert content[128:132] == b"DICM"
    assert (told, closely) > (60, 60)


def test_a_file_without_an_instance_number_has_a_place():
    dataset = image(HEAD_CT, 1, 7)
    assert look(part10(dataset)) == Place(HEAD_CT, f"{HEAD_CT}.1", f"{HEAD_CT}.1.7", 7)
    del dataset.InstanceNumber
    assert look(part10(dataset)).number is None


@pytest.mark.parametrize("one", corpus(), ids=lambda one: one.name)
def test_of_a_hostile_file_a_glance_says_a_place_or_that_it_cannot_tell(one):
    try:
        assert look(one.content).sop_uid
    except Malformed as error:
        assert error.reason in {"unreadable", "uid", "too_large", "truncated"}


@given(st.lists(st.tuples(st.integers(132, 1200), st.binary(min_size=1, max_size=8)), max_size=6))
def test_whatever_bytes_are_changed_it_ends(changes):
    content = bytearray(HEAD)
    for at, piece in changes:
        content[at : at + len(piece)] = piece
    try:
        assert isinstance(look(bytes(content)), Place)
    except Malformed as error:
        assert error.reason in {"unreadable", "uid", "too_large"}
