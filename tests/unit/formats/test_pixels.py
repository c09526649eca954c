"""Which bytes are which frame: the same as a DICOM library says, and never a byte outside the pixels."""

import struct
import warnings
from io import BytesIO
from pathlib import Path

import pydicom
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.data import get_testdata_file
from pydicom.encaps import encapsulate, encapsulate_extended, generate_frames
from tests.hospital_images import HEAD_CT, image

from beeldpas.domain.errors import Malformed
from beeldpas.formats.pixels import Pixels, locate, without_shift

EXPLICIT, JPEG2000 = "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.4.90"
FRAMES = [b"\xff\x4f" + bytes([number]) * (10 + 3 * number) for number in range(5)]


def find(content: bytes, syntax: str) -> Pixels:
    compressed = syntax not in {EXPLICIT, "1.2.840.10008.1.2"}
    return locate(lambda at, count: content[at : at + count], syntax, len(content), compressed)


def frame(content: bytes, pixels: Pixels, number: int) -> bytes:
    return b"".join(content[part.start : part.end] for part in pixels.stretches(number))


def compressed(pixel_data: bytes, frames: int = 5, **tables: bytes) -> bytes:
    dataset = image(HEAD_CT, 1, 1)
    dataset.file_meta.TransferSyntaxUID = JPEG2000
    dataset.NumberOfFrames = frames
    for keyword, table in tables.items():
        setattr(dataset, keyword, table)
    dataset.PixelData = pixel_data
    dataset["PixelData"].is_undefined_length = True
    output = BytesIO()
    dataset.save_as(output, enforce_file_format=True)
    return output.getvalue()


@pytest.mark.parametrize(
    "name",
    ["CT_small.dcm", "MR_small_implicit.dcm", "emri_small.dcm", "emri_small_RLE.dcm", "rtdose.dcm", "JPEG2000.dcm",
     "emri_small_jpeg_2k_lossless.dcm", "emri_small_jpeg_ls_lossless.dcm", "SC_rgb_jpeg.dcm", "color-px.dcm"],
)  # fmt: skip
def test_it_is_what_a_library_finds(name):
    content = Path(str(get_testdata_file(name, download=False))).read_bytes()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        dataset = pydicom.dcmread(BytesIO(content))
    pixels = find(content, dataset.file_meta.TransferSyntaxUID)
    count = pixels.shape.frames
    found = [frame(content, pixels, number) for number in range(1, count + 1)]
    if dataset.file_meta.TransferSyntaxUID.is_encapsulated:
        assert found == list(generate_frames(dataset.PixelData, number_of_frames=count))
    else:
        assert b"".join(found) == dataset.PixelData[: len(b"".join(found))]
        assert pixels.shape.decoded_bytes == len(b"".join(found))


@pytest.mark.parametrize("has_bot", [True, False])
def test_a_basic_table_or_none(has_bot):
    content = compressed(encapsulate(FRAMES, has_bot=has_bot))
    found = [frame(content, find(content, JPEG2000), number) for number in range(1, 6)]
    assert [one[: len(two)] for one, two in zip(found, FRAMES, strict=True)] == FRAMES


def test_a_frame_of_several_fragments_is_joined():
    content = compressed(encapsulate(FRAMES, fragments_per_frame=2))
    found = frame(content, find(content, JPEG2000), 5)
    assert found.rstrip(b"\0") == FRAMES[4]


def test_an_extended_table_cuts_the_padding_off():
    data, offsets, _ = encapsulate_extended(FRAMES)
    lengths = struct.pack("<5Q", *map(len, FRAMES))
    content = compressed(data, ExtendedOffsetTable=offsets, ExtendedOffsetTableLengths=lengths)
    assert [frame(content, find(content, JPEG2000), number) for number in range(1, 6)] == FRAMES


def test_one_frame_may_be_in_any_number_of_fragments():
    content = compressed(encapsulate([FRAMES[4]], fragments_per_frame=3, has_bot=False), frames=1)
    assert frame(content, find(content, JPEG2000), 1).rstrip(b"\0") == FRAMES[4]


BROKEN = {
    "more frames than fragments": compressed(encapsulate(FRAMES, has_bot=False), frames=9),
    "a table that points between fragments": compressed(
        encapsulate(FRAMES).replace(struct.pack("<2L", 0, 20), struct.pack("<2L", 0, 21))
    ),
    "a table of another length": compressed(encapsulate(FRAMES), frames=4),
    "an extended table that lies": compressed(
        encapsulate_extended(FRAMES)[0],
        ExtendedOffsetTable=struct.pack("<5Q", 0, 1 << 60, 2, 3, 4),
        ExtendedOffsetTableLengths=struct.pack("<5Q", *[1 << 62] * 5),
    ),
    "no end": compressed(encapsulate(FRAMES)).replace(b"\xfe\xff\xdd\xe0\0\0\0\0", b""),
    "no fragment": compressed(b"\xfe\xff\x00\xe0\0\0\0\0"),
    "a fragment longer than the file": compressed(b"\xfe\xff\x00\xe0\0\0\0\0\xfe\xff\x00\xe0\xff\xff\xff\x7f"),
    "more frames than any file has": compressed(encapsulate(FRAMES), frames=2_000_000_000),
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
def test_what_does_not_fit_together_is_refused_and_not_guessed(content):
    with pytest.raises(Malformed, match="unreadable"):
        find(content, JPEG2000)


@pytest.mark.parametrize("number", [0, -1, 6])
def test_there_is_no_other_frame(number):
    content = compressed(encapsulate(FRAMES))
    with pytest.raises(Malformed, match="frame_number"):
        find(content, JPEG2000).stretches(number)


def test_a_report_has_no_pixels():
    content = Path(str(get_testdata_file("test-SR.dcm", download=False))).read_bytes()
    with pytest.raises(Malformed, match="no_pixels"):
        find(content, EXPLICIT)


@settings(deadline=None)
@given(st.data())
def test_no_damage_gives_a_byte_outside_the_file(data):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        content = bytearray(compressed(encapsulate(FRAMES)))
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(128, len(content) - 1))] = data.draw(st.integers(0, 255))
    for syntax in (JPEG2000, EXPLICIT, "1.2.840.10008.1.2"):
        try:
            pixels = find(bytes(content), syntax)
            parts = [
                part for number in range(1, min(pixels.shape.frames, 9) + 1) for part in pixels.stretches(number)
            ]
        except Malformed as error:
            assert error.reason in {"unreadable", "no_pixels"}
        else:
            assert all(0 <= part.start <= part.end <= len(content) for part in parts)


def test_single_bits_are_moved_to_the_front():
    assert without_shift(bytes([0b10110100, 0b00000001]), 3, 5) == bytes([0b10110])
