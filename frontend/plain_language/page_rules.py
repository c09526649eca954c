"""What is counted over all the texts of a page: how long sentences are, who does things, how many hard words."""

import re
from collections.abc import Iterable, Sequence

from .fault import Fault
from .language import Language
from .reading import sentences, words
from .text import Text

_MOST_PASSIVES = 0.10
_MOST_SYLLABLES = 3
_MOST_LONG_WORDS = 0.05
_ENOUGH_SENTENCES = 10
_VOWELS = re.compile(r"[aeiouy]+")
_SILENT = re.compile(r"(?:[^l]e|ed|es)$")


def page_faults(page: str, texts: Sequence[Text], language: Language) -> Iterable[Fault]:
    """Find pages that are hard to read as a whole; a page of a few sentences is left to the other rules."""
    said = [sentence for text in texts for sentence in sentences(text.text) if _is_whole(sentence)]
    if len(said) >= _ENOUGH_SENTENCES:
        yield from _mean(page, said, language)
        yield from _passives(page, said, language)
        if language.long_word is None:
            yield from _long_words(page, said, language)


def syllables(word: str) -> int:
    """Count the syllables of an English word, roughly: groups of vowels, without a silent end."""
    heard = _SILENT.sub("", word.lower()) if len(word) > 3 else word.lower()
    return max(1, len(_VOWELS.findall(heard)))


def _is_whole(sentence: str) -> bool:
    return sentence[-1] in ".?"


def _mean(page: str, said: Sequence[str], language: Language) -> Iterable[Fault]:
    mean = sum(len(words(sentence)) for sentence in said) / len(said)
    if mean > language.mean_sentence:
        yield Fault(language.name, page, "mean-sentence", f"{mean:.1f} words")


def _passives(page: str, said: Sequence[str], language: Language) -> Iterable[Fault]:
    found = [sentence for sentence in said if language.passive.search(sentence)]
    if len(found) > _MOST_PASSIVES * len(said):
        yield Fault(language.name, page, "passives", f"{len(found)} of {len(said)} sentences: {' '.join(found)}")


def _long_words(page: str, said: Sequence[str], language: Language) -> Iterable[Fault]:
    read = [word.lower() for sentence in said for word in words(sentence)]
    found = [word for word in read if syllables(word) > _MOST_SYLLABLES and word not in language.long_words]
    if len(found) > _MOST_LONG_WORDS * len(read):
        yield Fault(
            language.name, page, "long-words", f"{len(found)} of {len(read)}: {', '.join(sorted(set(found)))}"
        )
