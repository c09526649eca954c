"""All rules over all texts."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from .allowances import Allowance, without_allowed
from .fault import Fault
from .language import Language, languages
from .page_rules import page_faults
from .sentence_rules import sentence_faults
from .text import Text, read_texts
from .text_rules import text_faults
from .word_rules import word_faults


def check(locales: Path, allowances: tuple[Allowance, ...]) -> list[str]:
    """Return what is wrong with the texts below a folder, one line each. Raises: as `read_texts` does."""
    found = (fault for one in languages() for fault in faults(read_texts(locales, one.name), one))
    return list(without_allowed(found, allowances))


def faults(texts: Iterable[Text], language: Language) -> Iterator[Fault]:
    """Return everything that a rule finds in the texts of one language."""
    pages = defaultdict[str, list[Text]](list)
    for text in texts:
        pages[f"{text.page}.po"].append(text)
        yield from text_faults(text)
        yield from sentence_faults(text, language)
        yield from word_faults(text, language)
    for page, said in pages.items():
        if said[0].reader == "patient" or page == "provider.po":
            yield from page_faults(page, said, language)
