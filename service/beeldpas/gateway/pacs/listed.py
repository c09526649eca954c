"""What a PACS answers to a query, read: the same attributes over DIMSE and over DICOMweb.

*Source:* DICOM PS3.4 §C.6.2 (study root keys), PS3.18 §10.6.3.3.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, Final

from pydicom.dataset import Dataset

from beeldpas.domain.uid import is_uid
from beeldpas.formats.dicom import UNREADABLE, Identity, lenient
from beeldpas.gateway.pacs.port import RemoteSeries, RemoteStudy, StudyQuery, failed

STUDY_KEYS: Final = (
    "StudyInstanceUID", "StudyDate", "StudyTime", "StudyDescription", "AccessionNumber", "PatientID",
    "IssuerOfPatientID", "PatientName", "PatientBirthDate", "PatientSex", "NumberOfStudyRelatedInstances",
)  # fmt: skip
SERIES_KEYS: Final = (
    "SeriesInstanceUID", "SeriesNumber", "Modality", "SeriesDescription", "BodyPartExamined", "Laterality",
    "NumberOfSeriesRelatedInstances",
)  # fmt: skip


def matching(query: StudyQuery) -> dict[str, str]:
    """Return the keys that narrow a query, as DICOM writes them. *Source:* PS3.4 §C.2.2.2.5 (ranges)."""
    keys = {"PatientID": query.patient_id} if query.patient_id else {}
    if query.first or query.last:
        keys["StudyDate"] = "-".join(day.strftime("%Y%m%d") if day else "" for day in (query.first, query.last))
    return keys


def studies_of(answers: Iterable[Dataset]) -> list[RemoteStudy]:
    """Read studies; one without a proper UID is passed over. Raises: Unavailable("pacs")."""
    try:
        with lenient():
            return [_study(answer) for answer in answers if is_uid(_text(answer, "StudyInstanceUID"))]
    except UNREADABLE as error:
        raise failed("pacs_unreadable") from error


def series_of(answers: Iterable[Dataset]) -> list[RemoteSeries]:
    """Read series; one without a proper UID is passed over. Raises: Unavailable("pacs")."""
    try:
        with lenient():
            return [_series(answer) for answer in answers if is_uid(_text(answer, "SeriesInstanceUID"))]
    except UNREADABLE as error:
        raise failed("pacs_unreadable") from error


def _study(answer: Dataset) -> RemoteStudy:
    identity = Identity(
        patient_id=_text(answer, "PatientID"),
        issuer=_text(answer, "IssuerOfPatientID"),
        name=_text(answer, "PatientName"),
        birth_date=_day(_text(answer, "PatientBirthDate")),
        sex=_text(answer, "PatientSex"),
    )
    return RemoteStudy(
        uid=_text(answer, "StudyInstanceUID"),
        identity=identity,
        study_date=_text(answer, "StudyDate"),
        study_time=_text(answer, "StudyTime"),
        description=_text(answer, "StudyDescription"),
        accession=_text(answer, "AccessionNumber"),
        instances=_count(answer, "NumberOfStudyRelatedInstances"),
    )


def _series(answer: Dataset) -> RemoteSeries:
    return RemoteSeries(
        uid=_text(answer, "SeriesInstanceUID"),
        number=_count(answer, "SeriesNumber"),
        modality=_text(answer, "Modality"),
        description=_text(answer, "SeriesDescription"),
        body_part=_text(answer, "BodyPartExamined"),
        laterality=_text(answer, "Laterality"),
        instances=_count(answer, "NumberOfSeriesRelatedInstances"),
    )


def _text(answer: Dataset, keyword: str) -> str:
    value: Any = answer.get(keyword)
    return "" if value is None else str(value).strip("\0 ")


def _count(answer: Dataset, keyword: str) -> int | None:
    text = _text(answer, keyword)
    return int(text) if text.isdecimal() else None


def _day(text: str) -> date | None:
    try:
        return datetime.strptime(text, "%Y%m%d").date()  # noqa: DTZ007  (a day has no zone)
    except ValueError:
        return None
