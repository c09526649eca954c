"""Files that are DICOM and TIFF at once, and those that only say so."""

import struct
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from tests.dual_tiff import dual, header, saved
from tests.hospital_images import HEAD_CT, image

from beeldpas.formats.dual_tiff import is_dual_tiff

DUAL = saved(dual(HEAD_CT))


def judge(content: bytes) -> bool:
    return is_dual_tiff(BytesIO(content), len(content))


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("big", [False, True], ids=["classic", "big"])
def test_a_file_that_is_both_is_told(order, big):
    assert judge(saved(dual(HEAD_CT, order=order, big=big)))


def test_another_program_reads_the_same_file_as_tiff():
    with Image.open(BytesIO(DUAL)) as opened:
        assert (opened.format, opened.size) == ("TIFF", (128, 128))


def test_an_ordinary_file_is_no_tiff():
    assert not judge(saved(image(HEAD_CT, 1, 1)))


@pytest.mark.parametrize(
    "preamble",
    [
        b"MZ\x90\x00",
        b"\x7fELF",
        b"\xcf\xfa\xed\xfe",
        b"#!/bin/sh\n",
        b"II*\0",
        b"II*\0" + struct.pack("<L", 0),
        b"II*\0" + struct.pack("<L", 8) + b"\x01\x00" + bytes(12),
        b"II*\0" + struct.pack("<L", 1 << 31),
        b"MM*\0" + struct.pack("<L", 200),
        b"II+\0" + struct.pack("<HHQ", 8, 0, 1 << 63),
        b"II+\0" + struct.pack("<HHQ", 4, 0, 200),
    ],
)
def test_a_preamble_that_leads_nowhere_is_no_tiff(preamble):
    assert not judge(preamble.ljust(128, b"\0") + DUAL[128:])


def test_a_directory_in_the_preamble_is_refused():
    """A program could stand between its entries."""
    inside = bytearray(DUAL)
    at = struct.unpack_from("<L", DUAL, 4)[0]
    inside[8:110] = DUAL[at : at + 102]
    inside[4:8] = struct.pack("<L", 8)
    assert not judge(bytes(inside))


def test_anything_else_in_the_preamble_is_refused():
    assert not judge(DUAL[:64] + b"\x90" + DUAL[65:])


def test_directories_that_go_round_are_refused():
    at = struct.unpack_from("<L", DUAL, 4)[0]
    end = at + 2 + 8 * 12
    assert not judge(DUAL[:end] + struct.pack("<L", at) + DUAL[end + 4 :])


@pytest.mark.parametrize("pixels", [0, 64, 1 << 30])
def test_pixels_outside_the_file_or_in_the_preamble_are_refused(pixels):
    at = struct.unpack_from("<L", DUAL, 4)[0] + 2 + 5 * 12 + 8
    assert not judge(DUAL[:at] + struct.pack("<L", pixels) + DUAL[at + 4 :])


def test_a_directory_without_pixels_is_refused():
    content = bytearray(DUAL)
    struct.pack_into("<H", content, struct.unpack_from("<L", DUAL, 4)[0] + 2 + 5 * 12, 9999)
    assert not judge(bytes(content))


def test_a_file_that_ends_early_is_no_tiff():
    assert not judge(DUAL[: len(DUAL) // 2])
    assert not judge(b"II*\0")


@settings(max_examples=300)
@given(st.binary(max_size=200), st.integers(0, len(DUAL) - 200))
def test_whatever_stands_there_an_answer_comes(noise, at):
    judge(DUAL[:at] + noise + DUAL[at + len(noise) :])
    judge(header("<", False, at) + noise + DUAL[128 + len(noise) :])
