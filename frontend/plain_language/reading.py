"""How a text is read before anything is counted: sentences and words, with what is filled in as one word."""

import re
from collections.abc import Sequence

# A sentence ends at a mark that a space follows; "dr. De Wit" and "8.00" do not end one, nor does "Naam: Anna".
_END = re.compile(r"(?<=[.!?])(?<!\bdr\.)(?<!\bDr\.)\s+|(?<=;)\s+")
_WORD = re.compile(r"[^\W_]+(?:['’.@/-][^\W_]+)*")
_PLACEHOLDER = re.compile(r"\{[^}]*\}")
FILLED_IN = "xx"


def readable(text: str) -> str:
    """Put a word in the place of everything that is filled in later."""
    return _PLACEHOLDER.sub(FILLED_IN, text)


def sentences(text: str) -> Sequence[str]:
    """Return the sentences of a text, in order."""
    return [sentence for sentence in _END.split(readable(text).strip()) if words(sentence)]


def words(sentence: str) -> Sequence[str]:
    """Return the words of a sentence; "CT-scan", "14.02" and "foto's" are one each."""
    return _WORD.findall(readable(sentence))


def parts(word: str) -> Sequence[str]:
    """Return what a hyphen parts: people read "QR-code" as two short words."""
    return re.split(r"[-/.@]", word)
