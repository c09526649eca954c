"""Manifests as DICOM writes them: a Key Object Selection that lists a study's series and where they can be fetched.

Both the manifest of XDS-I.b and the "Manifest with Description" of MADO, whose temporary codes (99IHE) and final ones
(DCM) are read alike. *Source:* DICOM PS3.3 §A.35.4 and §C.17.6; PS3.16 TID 2010, 1600 to 1602; IHE RAD MADO §6.X.2.
"""

from collections.abc import Iterator
from datetime import date
from io import BytesIO

from pydicom.dataset import Dataset

from beeldpas.domain.bsn import BSN
from beeldpas.domain.errors import Malformed
from beeldpas.domain.study import Accession, DateGiven, Series, Study
from beeldpas.domain.uid import is_uid
from beeldpas.formats.dicom import UNREADABLE, dicom_date, lenient, read_header, text
from beeldpas.formats.fhir import systems, values
from beeldpas.formats.fhir.reading import believable
from beeldpas.formats.found import FoundPlace, FoundStudy
from beeldpas.formats.mado import BSN_OID, KEY_OBJECT, URA_OID

_TITLES = frozenset({("113030", "DCM"), ("131560", "DCM"), ("MADOTEMP001", "99IHE")})
_LIBRARY, _GROUP = frozenset({("111028", "DCM")}), frozenset({("126200", "DCM")})
_SERIES_UID, _MODALITY, _REGION = (
    frozenset({("112002", "DCM")}),
    frozenset({("121139", "DCM")}),
    frozenset({("123014", "DCM")}),
)
_SERIES_NUMBER = frozenset({("113607", "DCM")})
_SERIES_DESCRIPTION = frozenset({("131563", "DCM"), ("MADOTEMP002", "99IHE")})
Codes = frozenset[tuple[str, str]]


def read_kos(body: bytes, asked: BSN, today: date) -> FoundStudy:
    """Return the study that a manifest is of; `asked` is whose it should be, which only a BSN in it can contradict.

    Raises: Malformed("unreadable") for anything that is no manifest of one study, ("another_patient"), or what
    reading the file raises.
    """
    dataset = read_header(BytesIO(body), len(body))
    try:
        with lenient():
            return _manifest(dataset, asked, today)
    except UNREADABLE as error:
        raise Malformed("unreadable") from error


def _manifest(dataset: Dataset, asked: BSN, today: date) -> FoundStudy:
    evidence = list(dataset.get("CurrentRequestedProcedureEvidenceSequence") or ())
    studies = {text(one, "StudyInstanceUID") for one in evidence}
    if text(dataset, "SOPClassUID") != KEY_OBJECT or not _is_named(dataset, _TITLES) or len(studies) != 1:
        raise Malformed("unreadable")
    numbers = set(_bsns(dataset))
    if numbers and asked.reveal() not in numbers:
        raise Malformed("another_patient")
    (uid,) = studies
    if not is_uid(uid):
        raise Malformed("unreadable")
    listed = [one for study in evidence for one in study.get("ReferencedSeriesSequence") or ()]
    told = {_value(group, _SERIES_UID): group for group in _groups(dataset)}
    series = tuple(_series(one, told) for one in listed if is_uid(text(one, "SeriesInstanceUID")))
    day = believable(dicom_date(text(dataset, "StudyDate")), today)
    custodian = _institution(dataset)
    places = {_place(one, dataset, custodian) for one in listed}
    study = Study(
        uid=uid,
        dates=(DateGiven(day),) if day else (),
        modalities=tuple(sorted({one.modality for one in series if one.modality})),
        body_part=next((one.body_part for one in series if one.body_part), ""),
        laterality="",
        description=values.text(text(dataset, "StudyDescription")),
        accessions=tuple(sorted(set(_accessions(dataset)))),
        holdings=(),
        series=series,
        reports=(),
        instances=sum(one.instances or 0 for one in series),
    )
    return FoundStudy(study, tuple(sorted(places, key=repr)), origin=False, custodian=custodian)


def _series(listed: Dataset, told: dict[str, Dataset]) -> Series:
    uid = text(listed, "SeriesInstanceUID")
    group = told.get(uid, Dataset())
    shown = _value(group, _SERIES_NUMBER)
    return Series(
        uid=uid,
        number=int(shown) if shown.isdecimal() and shown.isascii() and len(shown) < 10 else None,
        modality=next(iter(values.modalities({"code": _value(group, _MODALITY)})), ""),
        description=values.text(_value(group, _SERIES_DESCRIPTION)),
        instances=len(listed.get("ReferencedSOPSequence") or ()),
        body_part=values.text(_value(group, _REGION, meaning=True)),
        laterality="",
    )


def _place(listed: Dataset, dataset: Dataset, custodian: str) -> FoundPlace:
    location = text(listed, "RetrieveLocationUID")
    return FoundPlace(
        name=values.text(text(dataset, "InstitutionName")),
        address=_base(text(listed, "RetrieveURL")),
        custodian=custodian,
        location=location if is_uid(location) else "",
    )


def _base(url: str) -> str:
    """The WADO-RS base of a Retrieve URL, which some write down to the series; "" where none is told."""
    base = url.partition("/studies/")[0]
    return "" if base == systems.NOT_SPECIFIED else base


def _groups(dataset: Dataset) -> Iterator[Dataset]:
    """The containers of the Image Library that each tell of one series."""
    for library in _named(dataset, _LIBRARY):
        yield from _named(library, _GROUP)


def _named(container: Dataset, codes: Codes) -> Iterator[Dataset]:
    return (item for item in container.get("ContentSequence") or () if _is_named(item, codes))


def _is_named(item: Dataset, codes: Codes) -> bool:
    names = item.get("ConceptNameCodeSequence") or ()
    return any((text(one, "CodeValue"), text(one, "CodingSchemeDesignator")) in codes for one in names)


def _value(container: Dataset, codes: Codes, *, meaning: bool = False) -> str:
    """What a content item says: its text, UID or code (or the code's meaning)."""
    for item in _named(container, codes):
        coded = next(iter(item.get("ConceptCodeSequence") or ()), None)
        if coded is not None:
            return text(coded, "CodeMeaning" if meaning else "CodeValue")
        return text(item, "TextValue") or text(item, "UID")
    return ""


def _bsns(dataset: Dataset) -> Iterator[str]:
    """Every number in the file that says of itself that it is a BSN."""
    for one in (dataset, *(dataset.get("OtherPatientIDsSequence") or ())):
        issuers = one.get("IssuerOfPatientIDQualifiersSequence") or ()
        if any(text(issuer, "UniversalEntityID") == BSN_OID for issuer in issuers):
            yield text(one, "PatientID")


def _accessions(dataset: Dataset) -> Iterator[Accession]:
    for one in (dataset, *(dataset.get("ReferencedRequestSequence") or ())):
        issuers = one.get("IssuerOfAccessionNumberSequence") or ()
        if accession := values.text(text(one, "AccessionNumber")):
            yield Accession(accession, next((text(issuer, "UniversalEntityID") for issuer in issuers), ""))


def _institution(dataset: Dataset) -> str:
    """The URA of who made the manifest, where its institution code is one."""
    codes = dataset.get("InstitutionCodeSequence") or ()
    return next((text(one, "CodeValue") for one in codes if text(one, "CodingSchemeUID") == URA_OID), "")
