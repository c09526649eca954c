"""What was scanned, as rows of the index: cut to what the columns hold."""

from typing import Any

from beeldpas.formats.dicom import Instance
from beeldpas.formats.report import Document
from beeldpas.gateway.notes import Note
from beeldpas.gateway.objects.port import ObjectFacts
from beeldpas.gateway.scan import Scanned, checksums


def study_row(found: Instance) -> dict[str, Any]:
    """Return a study nobody has vouched for yet; whose it is, is copied from its files."""
    return {
        "uid": found.study_uid,
        "issuer": "",
        "local_number": "",
        "patient_name": "",
        "sex": "",
        "study_date": _clip(found.study_date, 16),
        "study_time": _clip(found.study_time, 32),
        "description": _clip(found.study_description, 256),
        "accession": _clip(found.accession, 64),
        "bsn": "",
        "withheld": "unmapped",
    }


def series_row(found: Instance) -> dict[str, Any]:
    """Return a series."""
    return {
        "study_uid": found.study_uid,
        "uid": found.series_uid,
        "number": found.series_number,
        "modality": _clip(found.modality, 16),
        "description": _clip(found.series_description, 256),
        "body_part": _clip(found.body_part, 64),
        "laterality": _clip(found.laterality, 16),
    }


def instance_row(facts: ObjectFacts, start: int, scanned: Scanned, local_issuer: str) -> dict[str, Any]:
    """Return an instance that begins `start` bytes into its object; a number without an issuer is this hospital's."""
    found, records, person = scanned.instance, scanned.records, scanned.instance.identity
    return {
        "sop_uid": found.sop_uid,
        "sop_class": found.sop_class,
        "study_uid": found.study_uid,
        "series_uid": found.series_uid,
        "issuer": _clip(person.issuer, 64) or local_issuer,
        "local_number": _clip(person.patient_id, 64),
        "patient_name": _clip(person.name, 324),
        "birth_date": person.birth_date,
        "sex": _clip(person.sex, 16),
        "number": found.number,
        "transfer_syntax": found.transfer_syntax,
        "object_key": facts.key,
        "object_version": facts.version,
        "start": start,
        "length": scanned.size,
        "crc32": scanned.checksums.crc32,
        "sha256": scanned.checksums.sha256,
        "keeps_preamble": scanned.keeps_preamble,
        "patient_record": records.patient,
        "study_record": records.study,
        "series_record": records.series,
        "leaf_record": records.leaf,
        "missing": _clip(" ".join(records.missing), 512),
    }


def note_of(scanned: Scanned, local_issuer: str) -> Note:
    """Return a rejection note."""
    found, person, said = scanned.instance, scanned.instance.identity, scanned.rejection
    assert said is not None  # noqa: S101  (asked of rejection notes only)
    return Note(
        sop_uid=found.sop_uid,
        study_uid=found.study_uid,
        issuer=_clip(person.issuer, 64) or local_issuer,
        local_number=_clip(person.patient_id, 64),
        code=said.code,
        sha256=scanned.checksums.sha256,
        named=said.named,
    )


def metadata_row(number: int, scanned: Scanned) -> dict[str, Any]:
    """Return the JSON model."""
    return {"instance_id": number, "model": scanned.model}


def report_row(number: int, document: Document) -> dict[str, Any]:
    """Return the readable form of a report: where it stands in the file, or the bytes themselves."""
    sums = checksums(document.content)
    return {
        "instance_id": number,
        "kind": document.kind,
        "title": _clip(document.title, 256),
        "start": document.start,
        "body": document.content if document.start is None else None,
        "length": len(document.content),
        "crc32": sums.crc32,
        "sha256": sums.sha256,
    }


def _clip(value: str, length: int) -> str:
    """Shorten a text to what a column holds; databases refuse NUL in one."""
    return value.replace("\0", "")[:length]
