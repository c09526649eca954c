"""What is counted in one text: a title is short and names the thing, a paragraph is four sentences at most."""

from collections.abc import Iterable

from .fault import Fault
from .reading import sentences, words
from .text import Text

_LONGEST_TITLE = 9
_LONGEST_PARAGRAPH = 4


def text_faults(text: Text) -> Iterable[Fault]:
    """Find titles and paragraphs that are too long, and titles that end like a sentence."""
    if text.is_title:
        length = len(words(text.text))
        if length > _LONGEST_TITLE:
            yield Fault(text.language, text.key, "long-title", f"{length} words in “{text.text}”")
        if text.text.endswith("."):
            yield Fault(text.language, text.key, "title-stop", f"“{text.text}”")
    if (count := len(sentences(text.text))) > _LONGEST_PARAGRAPH:
        yield Fault(text.language, text.key, "long-paragraph", f"{count} sentences")
