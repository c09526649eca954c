"""Parts are counted before they are made: a header of millions of tiny elements costs no memory."""

import struct
import tracemalloc
import zlib
from io import BytesIO

import pytest
from pydicom.dataset import Dataset
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_dataset
from tests.hospital_images import structured_report
from tests.hostile import DEFLATED, element, part10, put_before_pixels, whole

from beeldpas.domain.errors import Malformed
from beeldpas.formats.dicom import read_header
from beeldpas.formats.parts import check_parts
from beeldpas.formats.soundness import MOST_PARTS

EMPTY = b"".join(struct.pack("<HH2sH", 0x0099, number, b"LO", 0) for number in range(60_000))
ITEM = b"\xfe\xff\x00\xe0" + struct.pack("<L", len(EMPTY)) + EMPTY


@pytest.mark.parametrize("implicit", [False, True])
@pytest.mark.parametrize("little", [False, True])
def test_every_part_counts_in_every_encoding(implicit, little):
    dataset, item = Dataset(), Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = "1", "99X", "een"
    dataset.PatientName, dataset.ProcedureCodeSequence = "Jansen^Anna", [item, item]
    dataset["ProcedureCodeSequence"].is_undefined_length = True
    for one in dataset.ProcedureCodeSequence:
        one.is_undefined_length_sequence_item = True
    buffer = DicomBytesIO()
    buffer.is_little_endian, buffer.is_implicit_VR = little, implicit
    write_dataset(buffer, dataset)
    parts = 2 + 2 * (1 + 3 + 1) + 1  # elements; items with their elements and ends; the end of the sequence
    encoding = {"is_implicit": implicit, "is_little_endian": little}
    check_parts(buffer.getvalue(), most=parts, **encoding)
    with pytest.raises(Malformed, match="too_large"):
        check_parts(buffer.getvalue(), most=parts - 1, **encoding)


def test_millions_of_elements_in_a_sequence_of_a_known_length_are_refused_before_they_are_made():
    content = put_before_pixels(part10(whole(1)), element(0x00990010, b"SQ", ITEM * 100))
    tracemalloc.start()
    with pytest.raises(Malformed, match="too_large"):
        read_header(BytesIO(content), len(content))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 3 * len(content), "six million elements would take two gigabytes"


def test_a_deflated_file_of_too_many_elements_is_refused():
    dataset = whole(1)
    dataset.file_meta.TransferSyntaxUID = DEFLATED
    head = part10(dataset)
    meta = head[: 144 + struct.unpack_from("<L", head, 140)[0]]
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    content = meta + squeeze.compress(EMPTY * (MOST_PARTS // 60_000 + 1)) + squeeze.flush()
    with pytest.raises(Malformed, match="too_large"):
        read_header(BytesIO(content), len(content))


def test_a_report_with_many_items_is_no_bomb():
    content = part10(structured_report("1.2.826.0.1.66", 1))
    assert read_header(BytesIO(content), len(content)).Modality == "SR"
