"""Files that are broken or mean harm, each made by code: what they hold, and what an ingest must say of them.

A file whose reason is empty is odd but whole: it is indexed, and may harm nobody afterwards.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from pydicom.data import get_testdata_file
from pydicom.dataset import FileDataset
from tests.cast import ANNA
from tests.hospital_images import image, pdf_report, structured_report

from beeldpas.formats.dicom import lenient

STUDY = "1.2.826.0.1.66"
UNDEFINED = 0xFFFFFFFF
DEFLATED, PRIVATE_SYNTAX, JPEG = "1.2.840.10008.1.2.1.99", "1.2.826.0.1.66.9", "1.2.840.10008.1.2.4.50"
_LONG = {b"OB", b"OW", b"OF", b"SQ", b"UN", b"UT"}
_PIXELS = b"\xe0\x7f\x10\x00"
_ITEM, _ITEM_END, _SEQUENCE_END = (b"\xfe\xff" + tag for tag in (b"\x00\xe0", b"\x0d\xe0", b"\xdd\xe0"))


@dataclass(frozen=True, slots=True)
class Hostile:
    """One file. `reason`: why an ingest leaves it out; empty when it is taken in."""

    name: str
    content: bytes
    reason: str = ""


def element(tag: int, vr: bytes, value: bytes, length: int | None = None) -> bytes:
    """Encode an element in Explicit VR Little Endian, with a length that may be a lie."""
    head = struct.pack("<HH", tag >> 16, tag & 0xFFFF) + vr
    told = len(value) if length is None else length
    return head + (struct.pack("<HL", 0, told) if vr in _LONG else struct.pack("<H", told)) + value


def part10(dataset: FileDataset, preamble: bytes = bytes(128)) -> bytes:
    """Write a data set as a file."""
    dataset.preamble = preamble
    file = BytesIO()
    dataset.save_as(file, enforce_file_format=True)
    return file.getvalue()


def whole(number: int, **values: object) -> FileDataset:
    """A good image of the hostile study, with other values where the story needs them."""
    dataset = image(STUDY, number, 1)
    for keyword, value in values.items():
        setattr(dataset, keyword, value)
    return dataset


def plain(number: int, **values: object) -> bytes:
    """The same as a file."""
    return part10(whole(number, **values))


def put_before_pixels(content: bytes, *elements: bytes) -> bytes:
    """Insert elements of higher groups than the header's where the pixels begin."""
    at = content.rindex(_PIXELS + b"OW")
    return content[:at] + b"".join(elements) + content[at:]


def swapped(content: bytes, old: bytes, new: bytes) -> bytes:
    """Replace the first place where bytes stand; the length stays."""
    assert len(old) == len(new)
    assert old in content
    return content.replace(old, new, 1)


def corpus() -> tuple[Hostile, ...]:
    """Make every file."""
    kinds = (not_dicom, cut_off, lying_lengths, deep_and_endless, bombs, odd_values, uids)
    with lenient():
        return tuple(one for kind in kinds for one in kind())


def not_dicom() -> Iterator[Hostile]:
    """What is no DICOM file at all, or only looks like one."""
    yield Hostile("empty.dcm", b"", "not_part10")
    yield Hostile("one-byte.dcm", b"D", "not_part10")
    yield Hostile("program.dcm", b"MZ" + bytes(4096), "not_part10")
    yield Hostile("program.elf.dcm", b"\x7fELF" + bytes(4096), "not_part10")
    yield Hostile("picture.tif", b"II*\0\x08\0\0\0" + bytes(4096), "not_part10")
    yield Hostile("page.htm", b"<html><script>alert(1)</script></html>" * 8, "not_part10")
    yield Hostile("prefix-late.dcm", bytes(129) + b"DICM" + bytes(64), "not_part10")
    yield Hostile("prefix-only.dcm", bytes(128) + b"DICM", "uid")
    yield Hostile("noise.dcm", bytes(128) + b"DICM" + bytes(range(256)) * 16, "truncated")
    yield Hostile("zeros.dcm", bytes(128) + b"DICM" + bytes(4096), "uid")
    directory = Path(str(get_testdata_file("dicomdirtests/DICOMDIR", download=False)))
    yield Hostile("DICOMDIR", directory.read_bytes(), "dicomdir")


def cut_off() -> Iterator[Hostile]:
    """A good file that ends too early, at every interesting place."""
    content = plain(1)
    pixels = content.rindex(_PIXELS + b"OW")
    places = {
        "preamble": (100, "not_part10"),
        "prefix": (130, "not_part10"),
        "group-length": (140, "uid"),
        "meta": (200, "uid"),
        "element-head": (content.index(b"\x20\x00\x13\x00IS") + 3, "truncated"),
        "value": (content.index(b"\x10\x00\x10\x00PN") + 10, "truncated"),
        "before-pixels": (pixels, "truncated"),
        "pixel-head": (pixels + 6, "truncated"),
        "pixels": (pixels + 1000, "truncated"),
    }
    for name, (at, reason) in places.items():
        yield Hostile(f"cut-{name}.dcm", content[:at], reason)
    yield Hostile("cut-padding-behind-the-pixels.dcm", plain(50)[:-1])
    compressed = Path(str(get_testdata_file("JPEG2000.dcm", download=False))).read_bytes()
    yield Hostile("cut-fragment.dcm", compressed[: compressed.rindex(_ITEM) + 100], "truncated")
    yield Hostile("cut-delimiter.dcm", compressed[: compressed.rindex(_SEQUENCE_END)], "truncated")


def lying_lengths() -> Iterator[Hostile]:
    """Elements whose length is not that of their value."""
    content = plain(2)
    pixels = content.rindex(_PIXELS + b"OW") + 8
    beyond = content[:pixels] + struct.pack("<L", 0xFFFFFFF0) + content[pixels + 4 :]
    yield Hostile("pixels-of-4-gib.dcm", beyond, "truncated")
    endless = content[:pixels] + struct.pack("<L", UNDEFINED) + content[pixels + 4 :]
    yield Hostile("pixels-without-end.dcm", endless, "truncated")
    huge = element(0x00990010, b"OB", b"1234", 0x7FFFFFFF)
    yield Hostile("value-of-2-gib.dcm", put_before_pixels(content, huge), "truncated")
    nameless = element(0x00990010, b"UN", b"1234", UNDEFINED)
    yield Hostile("unknown-without-end.dcm", put_before_pixels(content, nameless), "unreadable")
    long_item = _ITEM + struct.pack("<L", 0x7FFFFFFF) + bytes(8)
    yield Hostile("item-of-2-gib.dcm", put_before_pixels(plain(54), element(0x00990010, b"SQ", long_item)))
    long_list = element(0x00990010, b"SQ", _ITEM + struct.pack("<L", 0), 0x7FFFFFFF)
    yield Hostile("sequence-of-2-gib.dcm", put_before_pixels(content, long_list), "truncated")
    meta = struct.pack("<L", 0x7FFFFFFF)
    other = plain(51)
    yield Hostile("meta-of-2-gib.dcm", other[:140] + meta + other[144:])
    yield Hostile("odd-length.dcm", put_before_pixels(plain(3), element(0x00990010, b"LO", b"odd")))


def deep_and_endless() -> Iterator[Hostile]:
    """Structure without end, which no honest device writes."""
    opened = element(0x00990010, b"SQ", b"", UNDEFINED) + _ITEM + struct.pack("<L", UNDEFINED)
    closed = _ITEM_END + bytes(4) + _SEQUENCE_END + bytes(4)
    for depth, reason in {30: "", 100: "too_deep", 900: "unreadable", 50_000: "unreadable"}.items():
        nest = opened * depth + closed * depth
        yield Hostile(f"{depth}-deep.dcm", put_before_pixels(plain(4 if reason else 52), nest), reason)
    yield Hostile("never-closed.dcm", put_before_pixels(plain(4), opened * 500), "unreadable")
    private = b"".join(element(0x00991000 + number, b"LO", b"x" * 64) for number in range(20_000))
    yield Hostile("20000-private.dcm", put_before_pixels(plain(53), private))
    items = (_ITEM + bytes(4)) * 300_000
    yield Hostile("300000-items.dcm", put_before_pixels(plain(5), element(0x00990010, b"SQ", items)), "too_large")


def bombs() -> Iterator[Hostile]:
    """Little that claims to become much."""
    content = whole(6)
    content.file_meta.TransferSyntaxUID = DEFLATED
    deflated = part10(content)
    meta = deflated[: 144 + struct.unpack_from("<L", deflated, 140)[0]]
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    bomb = b"".join(squeeze.compress(bytes(1 << 20)) for _ in range(300)) + squeeze.flush()
    yield Hostile("deflate-bomb.dcm", meta + bomb, "too_large")
    yield Hostile("deflate-noise.dcm", meta + b"\xff" * 512, "unreadable")
    yield Hostile("deflate-cut.dcm", deflated[:-200], "unreadable")
    yield Hostile("huge-matrix.dcm", plain(7, Rows=65535, Columns=65535))
    yield Hostile("endless-frames.dcm", plain(8, NumberOfFrames="2147483647"), "too_large")


def odd_values() -> Iterator[Hostile]:
    """Whole files with values that somebody may trip over later."""
    for number, preamble in enumerate((b"MZ", b"\x7fELF", b"II*\0\x08\0\0\0", b"#!/bin/sh\n"), 10):
        yield Hostile(f"preamble-{number}.dcm", part10(whole(number), preamble.ljust(128, b"\x90")))
    name = ANNA.name.encode()
    yield Hostile("charset-unknown.dcm", plain(20, SpecificCharacterSet="ISO_IR 999"))
    broken = swapped(
        plain(21, SpecificCharacterSet="ISO_IR 192", StudyDescription="~~~~"), b"~~~~", b"\xff\xfe\xc3\x28"
    )
    yield Hostile("charset-broken.dcm", broken)
    escapes = plain(22, SpecificCharacterSet=["", "ISO 2022 IR 87"], StudyDescription="~~~~~~")
    yield Hostile("charset-escape.dcm", swapped(escapes, b"~~~~~~", b"\x1b$B\xff\x1b("))
    climbing = {"StudyID": "../../../etc", "StudyDescription": "../../etc/passwd", "SeriesDescription": "a/../../b"}
    yield Hostile("path-values.dcm", plain(23, **climbing))
    yield Hostile("script-values.dcm", plain(24, StudyDescription="<script>alert(1)</script>", Modality="<B>"))
    yield Hostile("nul-values.dcm", swapped(plain(25, SeriesDescription="a~b~c~"), b"a~b~c~", b"a\0b\0c\0"))
    yield Hostile("number-values.dcm", plain(26, InstanceNumber="999999999999", SeriesNumber="-99999999999"))
    yield Hostile("date-values.dcm", swapped(plain(27, StudyTime="101500"), b"20260503", b"20261399"))
    yield Hostile("long-values.dcm", plain(28, SeriesDescription="x" * 60_000, PatientComments="y" * 60_000))
    yield Hostile("vr-unknown.dcm", put_before_pixels(plain(29), element(0x00990010, b"ZZ", b"zzzz")), "unreadable")
    other = whole(30)
    other.file_meta.TransferSyntaxUID = PRIVATE_SYNTAX
    yield Hostile("syntax-unknown.dcm", part10(other))
    report = pdf_report(STUDY, 31)
    report.EncapsulatedDocumentLength = 0x7FFFFFFF
    yield Hostile("report-of-2-gib.dcm", part10(report))
    words = structured_report(STUDY, 32)
    words.ConceptNameCodeSequence[0].CodeMeaning = "<img src=x onerror=alert(1)>"
    yield Hostile("report-script.dcm", part10(words))
    assert name in plain(33)
    yield Hostile("name-newline.dcm", swapped(plain(33), name, name[:6] + b"\r\n" + name[8:]))


def uids() -> Iterator[Hostile]:
    """A UID is the only name by which anything is kept, so it must be one."""
    wrong = {
        "empty": "",
        "letters": "1.2.abc",
        "leading-zero": "1.2.03",
        "double-dot": "1..2",
        "trailing-dot": "1.2.",
        "path": "../../etc",
        "quote": "1.2.3' OR 1=1",
        "line": "1.2\n1.3",
        "digits-of-elsewhere": "1.2.\u0663",
        "too-long": "1." + "2" * 63,
        "alone": "1",
    }
    for name, uid in wrong.items():
        for keyword in ("SOPInstanceUID", "SeriesInstanceUID", "StudyInstanceUID"):
            yield Hostile(f"uid-{name}-{keyword}.dcm", renamed(keyword, uid), "uid")


def renamed(keyword: str, uid: str) -> bytes:
    """A file with something else where one of its UIDs stands."""
    dataset = whole(40)
    good = f"{STUDY}.40.77777777.{keyword}"
    dataset.file_meta.MediaStorageSOPInstanceUID = "1.2.3"
    dataset[keyword].value = "1.2.3.4"
    content = part10(dataset)
    assert good not in content.decode("latin-1")
    return _with_value(content, dataset[keyword].tag, uid.encode())


def _with_value(content: bytes, tag: int, value: bytes) -> bytes:
    """Replace the value of one short element of an Explicit VR Little Endian file."""
    value += b"\0" * (len(value) % 2)
    at = content.index(struct.pack("<HH", tag >> 16, tag & 0xFFFF) + b"UI")
    length = struct.unpack_from("<H", content, at + 6)[0]
    return content[:at] + element(tag, b"UI", value) + content[at + 8 + length :]
