"""One frame as a data set of its own: the header of its file, and nothing else of the pixels than this frame.

Sizes are checked before a decoder sees anything. *Source:* DICOM PS3.3 §C.7.6.16 (functional groups of a frame).
"""

from io import BytesIO
from typing import Any

from pydicom import dcmread
from pydicom.dataset import Dataset, FileDataset
from pydicom.encaps import encapsulate
from pydicom.pixels.decoders.base import get_decoder
from pydicom.sequence import Sequence

from beeldpas.domain.errors import Malformed
from beeldpas.formats.dicom import lenient
from beeldpas.gateway.decoding import limits

_OF_A_FRAME = ("FrameVOILUTSequence", "PixelValueTransformationSequence")


def frame_of(content: bytes, head: int, number: int) -> FileDataset:
    """Join a header of `head` bytes with the bytes of its frame. Raises: Malformed("not_decodable")."""
    with lenient():
        dataset = dcmread(BytesIO(content[:head]))
    _own_groups(dataset, number)
    for table in ("ExtendedOffsetTable", "ExtendedOffsetTableLengths"):
        if table in dataset:
            delattr(dataset, table)
    dataset.NumberOfFrames = 1
    frame = content[head:]
    if dataset.file_meta.TransferSyntaxUID.is_encapsulated:
        dataset.PixelData = encapsulate([frame])
        dataset["PixelData"].is_undefined_length = True
    else:
        dataset.PixelData = frame + b"\0" * (len(frame) % 2)
    check_size(dataset)
    return dataset


def check_size(dataset: Dataset) -> None:
    """Refuse what would be too large once it is decoded. Raises: Malformed("not_decodable")."""
    rows, columns = int(dataset.Rows), int(dataset.Columns)
    frames = int(dataset.get("NumberOfFrames") or 1)
    size = rows * columns * frames * int(dataset.SamplesPerPixel) * max(1, int(dataset.BitsAllocated) // 8)
    if not 0 < size <= limits.MOST_DECODED_BYTES or max(rows, columns) > limits.LONGEST_SIDE:
        raise Malformed("not_decodable")


def samples(dataset: FileDataset, raw: bool) -> Any:
    """Decode the one frame; `raw` leaves colours as they are stored. Raises: what decoders raise."""
    array, told = get_decoder(dataset.file_meta.TransferSyntaxUID).as_array(dataset, index=0, raw=raw)
    dataset.PhotometricInterpretation = told["photometric_interpretation"]
    return array


def _own_groups(dataset: Dataset, number: int) -> None:
    """Bring to the top level what the functional groups say of this frame."""
    shared = dataset.get("SharedFunctionalGroupsSequence") or [Dataset()]
    every = dataset.get("PerFrameFunctionalGroupsSequence") or Sequence()
    own = every[number - 1] if number <= len(every) else Dataset()
    for keyword in _OF_A_FRAME:
        for item in own.get(keyword) or shared[0].get(keyword) or ():
            dataset.update(item)
