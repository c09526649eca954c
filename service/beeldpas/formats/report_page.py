"""A structured report as a page to read: everything that it says, in its order, as text.

Every value is escaped and what does not print is left out; the page forbids itself scripts and what is elsewhere.
What cannot be shown in words (a drawn region, a table) is named, never passed over: a reader must know that there is
more.

*Source:* DICOM PS3.3 §C.17.3 (content tree and value types), PS3.16 TID 1204 (language of a report).
"""

import re
from collections.abc import Callable, Iterator

from pydicom.dataset import Dataset

from beeldpas.formats.dicom import dicom_date, identity_of, text
from beeldpas.formats.html_text import shown

_DEEPEST = 40
_STYLE = (
    "body{font:1rem/1.5 sans-serif;color:#1a1a1a;background:#fff;max-width:45rem;margin:0 auto;padding:1rem;"
    "overflow-wrap:anywhere}h1{line-height:1.2}dt{font-weight:bold}dd{margin:0 0 .5rem}"
    "section,.below{border-left:.15rem solid #c4c4c4;padding-left:.75rem}p{white-space:pre-line}"
    ".note{border:.15rem solid #8a5a00;padding:.5rem .75rem}"
)
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_LANGUAGE = "121049"  # DCM, Language of Content Item and Descendants
_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_NOT_SHOWN = ("Hier niet te tonen; het staat in het DICOM-bestand.", "Cannot be shown here; see the DICOM file.")
_TOO_DEEP = ("Er is meer; het staat in het DICOM-bestand.", "There is more; see the DICOM file.")
_NOT_FINAL = {
    "PARTIAL": ("Dit verslag is niet volledig.", "This report is not complete."),
    "UNVERIFIED": ("Dit verslag is niet door een arts bevestigd.", "This report was not verified by a physician."),
}


def report_page(dataset: Dataset, title: str) -> bytes:
    """Write the page of a structured report. Raises: whatever pydicom does on values that cannot be read."""
    person = identity_of(dataset)
    made = text(dataset, "ContentDate") or text(dataset, "StudyDate")
    facts = (
        ("Patiënt", "Patient", _name(person.name)),
        ("Geboortedatum", "Date of birth", person.birth_date.isoformat() if person.birth_date else ""),
        ("Datum", "Date", _date(made)),
        ("Instelling", "Institution", text(dataset, "InstitutionName")),
    )
    listed = "".join(
        f'<dt>{nl} <span lang="en">/ {en}</span></dt><dd>{shown(value)}</dd>' for nl, en, value in facts if value
    )
    flags = (text(dataset, "CompletionFlag"), text(dataset, "VerificationFlag"))
    notes = "".join(_note(_NOT_FINAL[flag]) for flag in flags if flag in _NOT_FINAL)
    language = _language(dataset)
    return (
        f'<!DOCTYPE html>\n<html lang="{language}"><head><meta charset="utf-8"><title>{shown(title)}</title>'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{_STYLE}</style></head>\n<body><main><h1>{shown(title)}</h1>\n<dl>{listed}</dl>\n{notes}"
        f"{''.join(_items(dataset, 2))}</main></body></html>\n"
    ).encode()


def meaning(item: Dataset, keyword: str) -> str:
    """Return what a code means, in the words that stand beside it; "" when there is none."""
    sequence = item.get(keyword) or []
    return text(sequence[0], "CodeMeaning") or text(sequence[0], "CodeValue") if sequence else ""


def _items(container: Dataset, level: int) -> Iterator[str]:
    content = container.get("ContentSequence") or []
    if content and level > _DEEPEST:
        yield _note(_TOO_DEEP)
        return
    for item in content:
        yield from _item(item, level)


def _item(item: Dataset, level: int) -> Iterator[str]:
    kind = text(item, "ValueType")
    name = shown(meaning(item, "ConceptNameCodeSequence"))
    below = "".join(_items(item, level + 1))
    if kind == "CONTAINER":
        heading = f"h{min(level, 6)}"
        yield f"<section><{heading}>{name}</{heading}>{below}</section>\n" if name else below
        return
    read = _VALUES.get(kind)
    value = shown(read(item)) if read else ""
    label = f"<b>{name}:</b> " if name else ""
    if value:
        yield f"<p>{label}{value}</p>\n"
    elif kind and read is None:
        yield f"<p>{label}</p>{_note(_NOT_SHOWN)}" if name else _note(_NOT_SHOWN)
    elif name:
        yield f"<p>{label}</p>\n"
    if below:
        yield f'<div class="below">{below}</div>\n'


def _language(dataset: Dataset) -> str:
    """Return the language that a report says it is in; Dutch when it does not say."""
    for item in dataset.get("ContentSequence") or []:
        name = item.get("ConceptNameCodeSequence") or []
        if name and text(name[0], "CodeValue") == _LANGUAGE:
            code = item.get("ConceptCodeSequence") or []
            said = text(code[0], "CodeValue") if code else ""
            return said if _TAG.fullmatch(said) else "nl"
    return "nl"


def _measured(item: Dataset) -> str:
    measured = item.get("MeasuredValueSequence") or []
    if not measured:
        return meaning(item, "NumericValueQualifierCodeSequence")
    unit = measured[0].get("MeasurementUnitsCodeSequence") or []
    return f"{text(measured[0], 'NumericValue')} {text(unit[0], 'CodeValue') if unit else ''}".strip()


def _referenced(item: Dataset) -> str:
    references = item.get("ReferencedSOPSequence") or []
    return f"[{text(references[0], 'ReferencedSOPInstanceUID')}]" if references else ""


def _name(value: str) -> str:
    return " ".join(value.replace("^", " ").split())


def _date(value: str) -> str:
    day = dicom_date(value)
    return day.isoformat() if day else value


def _note(words: tuple[str, str]) -> str:
    dutch, english = words
    return f'<p class="note" lang="nl">{dutch} <span lang="en">/ {english}</span></p>\n'


_VALUES: dict[str, Callable[[Dataset], str]] = {
    "TEXT": lambda item: text(item, "TextValue"),
    "CODE": lambda item: meaning(item, "ConceptCodeSequence"),
    "NUM": _measured,
    "PNAME": lambda item: _name(text(item, "PersonName")),
    "DATE": lambda item: _date(text(item, "Date")),
    "TIME": lambda item: text(item, "Time"),
    "DATETIME": lambda item: text(item, "DateTime"),
    "UIDREF": lambda item: text(item, "UID"),
    "IMAGE": _referenced,
    "COMPOSITE": _referenced,
    "WAVEFORM": _referenced,
}
