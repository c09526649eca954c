"""A study of 1,000 instances and some 525 MB: one real CT slice, cloned under new UIDs, which the figure says.

No package holds a real study of that size. The pixels are the same in each clone; nothing that is measured profits
from that, since a stored ZIP compresses nothing.
"""

from copy import deepcopy
from pathlib import Path

import pydicom
from pydicom.uid import generate_uid

from beeldpas.demo.people import ANNA
from beeldpas.demo.samples import source_file

INSTANCES, SERIES = 1000, 4
ISSUER, NUMBER = "ZH-NOORD", ANNA.numbers["noord"]
_SLICE = "693_UNCR.dcm"


def make_study(folder: Path) -> str:
    """Write the study below `folder` unless it is there; returns its UID."""
    uid = _uid("study")
    complete = folder.with_name(folder.name + ".complete")
    if complete.exists():
        return uid
    folder.mkdir(parents=True, exist_ok=True)
    model = pydicom.dcmread(source_file(_SLICE))
    model.PatientName, model.PatientSex = ANNA.dicom_name, ANNA.sex
    model.PatientBirthDate = ANNA.birth_date.strftime("%Y%m%d")
    model.PatientID, model.IssuerOfPatientID = NUMBER, ISSUER
    model.StudyInstanceUID = uid
    for index in range(INSTANCES):
        _clone(model, index).save_as(folder / f"IM{index:04}.dcm", enforce_file_format=True)
    complete.touch()
    return uid


def _clone(model: pydicom.FileDataset, index: int) -> pydicom.FileDataset:
    image = deepcopy(model)
    series, number = divmod(index, INSTANCES // SERIES)
    image.SeriesInstanceUID, image.SeriesNumber = _uid("series", series), series + 1
    image.SOPInstanceUID, image.InstanceNumber = _uid("instance", index), number + 1
    image.file_meta.MediaStorageSOPInstanceUID = image.SOPInstanceUID
    return image


def _uid(*parts: object) -> str:
    return str(generate_uid(entropy_srcs=["beeldpas bench", *map(str, parts)]))
