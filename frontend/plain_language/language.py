"""What is counted in each language, and up to where: the limits, and the lists of words beside this file.

*Source:* project's reading rules: B1 as limits for words per sentence (advice of 10 to 12), clauses, passives and
long words; "B1" describes a reader and no exact measure of a text exists, so these limits are our own.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Language:
    """The limits of one language.

    `clauses`, `negations`: words that are counted per sentence. `passive`: a sentence that hides who does it.
    `long_word`: the most letters that a word may have without being in `long_words`, or None where syllables are
    counted instead. `difficult`: pattern of a word → what to write. `banned`: words that patients never read.
    """

    name: str
    longest_sentence: int
    mean_sentence: float
    clauses: re.Pattern[str]
    passive: re.Pattern[str]
    negations: re.Pattern[str]
    long_word: int | None
    long_words: frozenset[str]
    difficult: Mapping[str, str]
    banned: frozenset[str]
    informal: re.Pattern[str]


def _any(*words: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(words)})\b", re.IGNORECASE)


def _list(language: str, name: str) -> list[str]:
    lines = (_HERE / language / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def _difficult(language: str) -> Mapping[str, str]:
    pairs = (line.partition("→") for line in _list(language, "difficult"))
    return {word.strip(): better.strip() for word, _, better in pairs}


@cache
def dutch() -> Language:
    """Return what holds for Dutch."""
    return Language(
        name="nl",
        longest_sentence=20,
        mean_sentence=12,
        clauses=_any("dat", "die", "omdat", "zodat", "terwijl", "waarbij", "indien", "waardoor", "hoewel"),
        passive=re.compile(
            r"\b(?:worden|wordt|werd|werden)\b[^.?!]*\b(?:ge|be|ver|ont|her)\w+(?:d|t|en)\b"
            r"|\b(?:ge|be|ver|ont|her)\w+(?:d|t|en) (?:worden|wordt|werd|werden)\b",
            re.IGNORECASE,
        ),
        negations=_any("niet", "geen", "nooit", "niemand", "niets", "nergens", "noch"),
        long_word=12,
        long_words=frozenset(_list("nl", "long_words")),
        difficult=_difficult("nl"),
        banned=frozenset(_list("nl", "banned")),
        informal=_any("je", "jij", "jou", "jouw", "jullie"),
    )


@cache
def english() -> Language:
    """Return what holds for English."""
    return Language(
        name="en",
        longest_sentence=22,
        mean_sentence=14,
        clauses=_any("that", "which", "because", "whereas", "although", "while", "so that"),
        passive=_any(r"(?:is|are|was|were|be|been|being) (?:\w+(?:ed|en)|made|sent|kept|found|held|read|put) by"),
        negations=_any("not", "no(?!,)", "never", "nobody", "nothing", "nowhere", "cannot", r"\w+n[’']t"),
        long_word=None,
        long_words=frozenset(_list("en", "long_words")),
        difficult=_difficult("en"),
        banned=frozenset(_list("en", "banned")),
        informal=_any("hey", "hi", "guys"),
    )


def languages() -> tuple[Language, ...]:
    """Return every language that has limits."""
    return (dutch(), english())
