"""What is counted in one sentence: its length, its clauses, its negations."""

from collections.abc import Iterable

from .fault import Fault
from .language import Language
from .reading import sentences, words
from .text import Text

_MOST_CLAUSES = 1
_MOST_NEGATIONS = 1


def sentence_faults(text: Text, language: Language) -> Iterable[Fault]:
    """Find the sentences of a text that are too long or too knotty."""
    for sentence in sentences(text.text):
        for rule, found in (
            ("long-sentence", _length(sentence, language)),
            ("clauses", _clauses(sentence, language)),
            ("negations", _negations(sentence, language)),
        ):
            if found:
                yield Fault(text.language, text.key, rule, f"{found} in “{sentence}”")


def _length(sentence: str, language: Language) -> str:
    length = len(words(sentence))
    return f"{length} words" if length > language.longest_sentence else ""


def _clauses(sentence: str, language: Language) -> str:
    """Count words that begin a clause; first in a sentence they point ("Dat ziet u hier") and begin none."""
    first, _, rest = sentence.partition(" ")
    found = language.clauses.findall(rest)
    return ", ".join(found) if first and len(found) > _MOST_CLAUSES else ""


def _negations(sentence: str, language: Language) -> str:
    found = language.negations.findall(sentence)
    return ", ".join(found) if len(found) > _MOST_NEGATIONS else ""
