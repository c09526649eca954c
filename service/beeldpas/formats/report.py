"""Reports that are stored as DICOM, in a form that people can open: a PDF taken out, a structured report as HTML.

The HTML holds text only: every value is escaped, and it forbids itself scripts and anything from elsewhere.

*Source:* DICOM PS3.3 §A.45.1 (Encapsulated PDF), §C.17.3 (SR content tree and its value types).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import escape
from typing import Literal

from pydicom.dataset import Dataset
from pydicom.uid import DeflatedExplicitVRLittleEndian

from beeldpas.formats import records
from beeldpas.formats.dicom import UNREADABLE, identity_of, lenient, text

_DEEPEST = 40
_STYLE = "body{font:1rem/1.5 sans-serif;max-width:45rem;margin:2rem auto;padding:0 1rem}dt{font-weight:bold}"
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


@dataclass(frozen=True, slots=True)
class Document:
    """A report in readable form: its bytes, and where they start in the file when they stand there literally."""

    kind: Literal["pdf", "sr"]
    title: str
    content: bytes
    start: int | None = None


def document_of(dataset: Dataset) -> Document | None:
    """Return the report that a stored object holds; None when it is no report that can be read."""
    try:
        with lenient():
            if text(dataset, "MIMETypeOfEncapsulatedDocument").lower() == "application/pdf":
                return _pdf(dataset)
            if records.kind_of(dataset) == "SR DOCUMENT" and dataset.get("ContentSequence"):
                return Document("sr", _title(dataset), _html(dataset).encode())
    except UNREADABLE:
        return None
    return None


def _pdf(dataset: Dataset) -> Document | None:
    element = dataset["EncapsulatedDocument"]
    content = bytes(element.value)
    length = text(dataset, "EncapsulatedDocumentLength")
    if length.isdecimal() and 0 < int(length) <= len(content):
        content = content[: int(length)]
    if not content.startswith(b"%PDF-"):
        return None
    deflated = dataset.file_meta.get("TransferSyntaxUID") == DeflatedExplicitVRLittleEndian
    return Document("pdf", _title(dataset), content, None if deflated else element.file_tell)


def _title(dataset: Dataset) -> str:
    named = text(dataset, "DocumentTitle") or _meaning(dataset, "ConceptNameCodeSequence")
    return named or text(dataset, "SeriesDescription") or "Verslag / Report"


def _meaning(item: Dataset, keyword: str) -> str:
    sequence = item.get(keyword) or []
    return text(sequence[0], "CodeMeaning") or text(sequence[0], "CodeValue") if sequence else ""


def _html(dataset: Dataset) -> str:
    title, person = escape(_title(dataset)), identity_of(dataset)
    facts = (
        ("Patiënt / Patient", person.name.replace("^", " ").strip()),
        ("Geboortedatum / Date of birth", person.birth_date.isoformat() if person.birth_date else ""),
        ("Datum / Date", text(dataset, "ContentDate") or text(dataset, "StudyDate")),
        ("Instelling / Institution", text(dataset, "InstitutionName")),
        ("Status", " ".join((text(dataset, "CompletionFlag"), text(dataset, "VerificationFlag"))).strip()),
    )
    listed = "".join(f"<dt>{label}</dt><dd>{escape(value)}</dd>" for label, value in facts if value)
    body = "".join(_items(dataset, 2))
    return (
        f'<!DOCTYPE html><html lang="nl"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}"><style>{_STYLE}</style></head>'
        f"<body><h1>{title}</h1><dl>{listed}</dl>{body}</body></html>\n"
    )


def _items(container: Dataset, level: int) -> Iterator[str]:
    if level > _DEEPEST:
        return
    for item in container.get("ContentSequence") or []:
        name = escape(_meaning(item, "ConceptNameCodeSequence"))
        below = "".join(_items(item, level + 1))
        if text(item, "ValueType") == "CONTAINER":
            heading = f"h{min(level, 6)}"
            yield f"<section><{heading}>{name}</{heading}>{below}</section>" if name else below
        elif value := _value(item):
            shown = escape(value).replace("\r\n", "\n").replace("\r", "\n").replace("\n", "<br>")
            label = f"<b>{name}:</b> " if name else ""
            yield f"<p>{label}{shown}</p>" + (f"<div>{below}</div>" if below else "")
        else:
            yield below


def _value(item: Dataset) -> str:
    read = _VALUES.get(text(item, "ValueType"))
    return read(item) if read else ""


def _measured(item: Dataset) -> str:
    measured = item.get("MeasuredValueSequence") or []
    if not measured:
        return ""
    unit = measured[0].get("MeasurementUnitsCodeSequence") or []
    return f"{text(measured[0], 'NumericValue')} {text(unit[0], 'CodeValue') if unit else ''}".strip()


def _referenced(item: Dataset) -> str:
    references = item.get("ReferencedSOPSequence") or []
    return f"[{text(references[0], 'ReferencedSOPInstanceUID')}]" if references else ""


_VALUES: dict[str, Callable[[Dataset], str]] = {
    "TEXT": lambda item: text(item, "TextValue"),
    "CODE": lambda item: _meaning(item, "ConceptCodeSequence"),
    "NUM": _measured,
    "PNAME": lambda item: text(item, "PersonName").replace("^", " ").strip(),
    "DATE": lambda item: text(item, "Date"),
    "TIME": lambda item: text(item, "Time"),
    "DATETIME": lambda item: text(item, "DateTime"),
    "UIDREF": lambda item: text(item, "UID"),
    "IMAGE": _referenced,
    "COMPOSITE": _referenced,
    "WAVEFORM": _referenced,
}
