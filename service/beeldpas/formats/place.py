"""Where a DICOM file belongs: its study, its series and its place there, at a glance.

Only a few elements are read, the others passed over, so that thousands of files can be sorted before each of them
is read with care. What a glance says is not checked beyond its form.

*Source:* DICOM PS3.3 §C.7.2.1 (General Study), §C.7.3.1 (General Series), §C.12.1 (SOP Common).
"""

from dataclasses import dataclass
from typing import BinaryIO, cast

from pydicom import dcmread

from beeldpas.domain.errors import Malformed
from beeldpas.domain.uid import is_uid
from beeldpas.formats.dicom import UNREADABLE, Instance, lenient, number, text
from beeldpas.formats.soundness import Bounded, check_inflated_size

_READ = ["SpecificCharacterSet", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID", "InstanceNumber"]


@dataclass(frozen=True, slots=True)
class Place:
    """Study, series, and within that a number (None when there is none)."""

    study_uid: str
    series_uid: str
    sop_uid: str
    number: int | None


def place_of(instance: Instance) -> Place:
    """Return where an instance belongs."""
    return Place(instance.study_uid, instance.series_uid, instance.sop_uid, instance.number)


def glance(file: BinaryIO, size: int) -> Place:
    """Read where a Part 10 file of `size` bytes belongs. Raises: Malformed when that cannot be told so quickly."""
    try:
        with lenient():
            check_inflated_size(file)
            file.seek(0)
            bounded = cast(BinaryIO, Bounded(file, size))
            dataset = dcmread(bounded, stop_before_pixels=True, specific_tags=list(_READ))
            found = Place(
                text(dataset, "StudyInstanceUID"),
                text(dataset, "SeriesInstanceUID"),
                text(dataset, "SOPInstanceUID"),
                number(dataset, "InstanceNumber"),
            )
    except UNREADABLE as error:
        raise Malformed("unreadable") from error
    if not all(map(is_uid, (found.study_uid, found.series_uid, found.sop_uid))):
        raise Malformed("uid")
    return found
