"""Large studies, made from one real CT slice that is cloned under new UIDs, which the figures say.

No package holds a real study of that size. The pixels are the same in each clone; nothing that is measured profits
from that, since a stored ZIP compresses nothing.
"""

import struct
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path

import pydicom
from pydicom.uid import generate_uid

from beeldpas.demo.people import ANNA
from beeldpas.demo.samples import source_file

INSTANCES, SERIES = 1000, 4
ISSUER, NUMBER = "ZH-NOORD", ANNA.numbers["noord"]
LONG_INSTANCES, LONG_SERIES = 5000, 20
_LONG_SIDE = 822
_SLICE = "693_UNCR.dcm"


def make_study(folder: Path) -> str:
    """Write 1,000 instances, some 525 MB, below `folder` unless they are there; returns the study's UID."""
    return _make(folder, "study", INSTANCES, SERIES, _save)


def make_long_study(folder: Path) -> str:
    """Write 5,000 instances that are served as more than 6 GiB: their pixels are zeros that take no place on disk."""
    return _make(folder, "long study", LONG_INSTANCES, LONG_SERIES, _save_sparse)


def _make(
    folder: Path, name: str, instances: int, series: int, save: Callable[[pydicom.FileDataset, Path], None]
) -> str:
    uid = _uid(name)
    complete = folder.with_name(folder.name + ".complete")
    if complete.exists():
        return uid
    folder.mkdir(parents=True, exist_ok=True)
    model = pydicom.dcmread(source_file(_SLICE))
    model.PatientName, model.PatientSex = ANNA.dicom_name, ANNA.sex
    model.PatientBirthDate = ANNA.birth_date.strftime("%Y%m%d")
    model.PatientID, model.IssuerOfPatientID = NUMBER, ISSUER
    model.StudyInstanceUID = uid
    for index in range(instances):
        image = deepcopy(model)
        number, place = divmod(index, instances // series)
        image.SeriesInstanceUID, image.SeriesNumber = _uid(name, "series", number), number + 1
        image.SOPInstanceUID, image.InstanceNumber = _uid(name, "instance", index), place + 1
        image.file_meta.MediaStorageSOPInstanceUID = image.SOPInstanceUID
        save(image, folder / f"IM{index:04}.dcm")
    complete.touch()
    return uid


def _save(image: pydicom.FileDataset, file: Path) -> None:
    image.save_as(file, enforce_file_format=True)


def _save_sparse(image: pydicom.FileDataset, file: Path) -> None:
    """Write the head of the file, and leave a hole where its pixels would be."""
    del image.PixelData
    image.Rows = image.Columns = _LONG_SIDE
    length = _LONG_SIDE * _LONG_SIDE * image.BitsAllocated // 8
    _save(image, file)
    with file.open("ab") as end:
        end.write(struct.pack("<HH2sHL", 0x7FE0, 0x0010, b"OW", 0, length))
        end.truncate(end.tell() + length)


def _uid(*parts: object) -> str:
    return str(generate_uid(entropy_srcs=["beeldpas bench", *map(str, parts)]))
