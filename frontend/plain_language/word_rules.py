"""What is looked up word by word: long, difficult and banned words, abbreviations, and how people are spoken to."""

import re
from collections.abc import Iterable, Iterator

from .fault import Fault
from .language import Language
from .reading import parts, readable, words
from .text import Reader, Text

# Abbreviations that everybody meets on these pages; each room at work has its own beside them.
_KNOWN = frozenset(["CT", "MRI", "PET", "DEXA", "DXA", "ECG", "OCT", "PDF", "MB", "GB", "QR", "PIN", "ID", "ZIP"])
_AT_WORK: dict[Reader, frozenset[str]] = {
    "patient": frozenset(),
    "provider": frozenset(["PACS", "DICOM", "DICOMDIR", "UZI", "ICT", "IT", "ZIP"]),
    "staff": frozenset(["BSN", "UZI", "URA", "CSV", "INC", "GP"]),
    "technician": frozenset(["PACS", "DICOM", "DICOMDIR", "ICT", "IT", "HTTP", "HTTPS", "HTML", "SHA"]),
}
_ABBREVIATION = re.compile(r"\b[A-Z]{2,}\b|\b(?:[a-z]\.){2,}")


def word_faults(text: Text, language: Language) -> Iterable[Fault]:
    """Find words that people stumble over."""
    for rule, found in (
        ("long-word", _long(text, language)),
        ("difficult-word", _difficult(text, language)),
        ("banned-word", _banned(text, language)),
        ("abbreviation", _abbreviations(text)),
        ("informal", iter(language.informal.findall(text.text))),
        ("exclamation", iter("!" * text.text.count("!"))),
    ):
        yield from (Fault(text.language, text.key, rule, one) for one in dict.fromkeys(found))


def _long(text: Text, language: Language) -> Iterator[str]:
    if language.long_word is None or text.reader == "technician":
        return
    for word in words(text.text):
        for part in parts(word):
            if len(part) > language.long_word and part.lower() not in language.long_words:
                yield part


def _difficult(text: Text, language: Language) -> Iterator[str]:
    if text.reader == "technician":
        return
    for word, better in language.difficult.items():
        for found in re.findall(rf"\b{word}\b", readable(text.text), re.IGNORECASE):
            yield f"{found} → {better}"


def _banned(text: Text, language: Language) -> Iterator[str]:
    if text.reader == "patient":
        for word in language.banned:
            yield from re.findall(rf"\b{word}\b", readable(text.text), re.IGNORECASE)


def _abbreviations(text: Text) -> Iterator[str]:
    known = _KNOWN | _AT_WORK[text.reader]
    return (found for found in _ABBREVIATION.findall(readable(text.text)) if found not in known)
