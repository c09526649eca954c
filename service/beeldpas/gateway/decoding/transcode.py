"""Another transfer syntax: whole files and single frames as uncompressed little endian, the default of DICOMweb.

*Source:* DICOM PS3.18 §8.7.3 (default transfer syntax); PS3.5 §7.3 (byte order).
"""

from io import BytesIO

import numpy as np
from pydicom import dcmread
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset, FileDataset
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian

from beeldpas.domain.errors import Malformed
from beeldpas.formats.dicom import lenient
from beeldpas.gateway.decoding.image import check_size, frame_of, samples

_WORDS = {"OW": 2, "OF": 4, "OL": 4, "OD": 8, "OV": 8}


def transcode(content: bytes) -> bytes:
    """Return a file in Explicit VR Little Endian, its UID unchanged."""
    with lenient():
        dataset = dcmread(BytesIO(content))
        syntax = dataset.file_meta.TransferSyntaxUID
        if "PixelData" in dataset:
            check_size(dataset)
        if syntax.is_encapsulated:
            dataset.decompress(generate_instance_uid=False)
        if syntax == ExplicitVRBigEndian:
            _swap(dataset)
        return _written(dataset)


def decode(content: bytes, *, head: int, number: int) -> bytes:
    """Return the samples of one frame, colours as they are stored."""
    decoded = samples(frame_of(content, head, number), raw=True)
    return bytes(decoded.astype(decoded.dtype.newbyteorder("<"), copy=False).tobytes())


def bulk(content: bytes, *, path: list[str]) -> bytes:
    """Return a large value: `path` is a tag, or tag, number of the item, tag, and so on."""
    with lenient():
        place: Dataset = dcmread(BytesIO(content))
        for tag, item in zip(path[:-1:2], path[1::2], strict=True):
            place = place[int(tag, 16)].value[int(item)]
        value = place[int(path[-1], 16)].value
    if not isinstance(value, bytes | bytearray):
        raise Malformed("not_decodable")
    return bytes(value)


def _written(dataset: FileDataset) -> bytes:
    for table in ("ExtendedOffsetTable", "ExtendedOffsetTableLengths"):
        if table in dataset:
            delattr(dataset, table)
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.preamble = bytes(128)
    dataset.decode()
    plain = Dataset()
    plain.update(dataset)
    plain.file_meta = dataset.file_meta
    plain.preamble = bytes(128)
    output = BytesIO()
    plain.save_as(output, implicit_vr=False, little_endian=True, enforce_file_format=True)
    return output.getvalue()


def _swap(dataset: Dataset) -> None:
    """Turn the words of binary values round; numbers and texts are decoded already."""
    for element in dataset:
        if element.VR == "SQ":
            for item in element.value:
                _swap(item)
        elif element.VR in _WORDS and isinstance(element.value, bytes):
            element.value = np.frombuffer(element.value, f">u{_word(element, dataset)}").byteswap().tobytes()


def _word(element: DataElement, dataset: Dataset) -> int:
    """Return how many bytes belong together: a sample of pixels is one word, however long."""
    if element.keyword == "PixelData":
        return max(2, int(dataset.BitsAllocated) // 8)
    return _WORDS[element.VR]
