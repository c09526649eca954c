"""Two made-up languages, made from the Dutch texts at start: they show what a page does to a language it never met.

`xl` is long and accented: every text grows by two fifths and stands between brackets, so that what is cut off, too
narrow or not in a catalogue is seen at once. `xr` is written from right to left. Both are Dutch to everything else:
to the letter, the mails, the database and the agreement. They exist in the demo only.
*Source:* Unicode Bidirectional Algorithm (UAX #9 §2.2, explicit overrides); the habit of Android's en-XA and ar-XB.
"""

import re
from collections.abc import Callable, Mapping
from functools import cache
from itertools import cycle
from pathlib import Path

from babel.messages.catalog import Catalog

from beeldpas.portal.words.catalogue import DEFAULT_LANGUAGE, Translator, read_catalogue, translator

LONG, RIGHT_TO_LEFT = "xl", "xr"
_GROWTH = 0.4
_NUMBERS = ("een", "twee", "drie", "vier", "vijf", "zes", "zeven")
_ACCENTS = str.maketrans("aceidlnorstuyzACEIDLNORSTUYZ", "áčéïďļñöŕšţůýžÁČÉÏĎĻÑÖŔŠŢŮÝŽ")
# What stands between braces is filled in later; a bar parts an article from its noun.
_LEFT_ALONE = re.compile(r"(\{[^}]*\}|\|)")
_WORD = re.compile(r"[^\W\d_]+")
_OVERRIDE, _END = "\N{RIGHT-TO-LEFT OVERRIDE}", "\N{POP DIRECTIONAL FORMATTING}"


@cache
def load_pseudo_translators(folder: Path) -> Mapping[str, Translator]:
    """Make both from `{folder}/nl`, once. Raises: OSError, ValueError (a broken file)."""
    dutch = read_catalogue(folder / DEFAULT_LANGUAGE)
    return {
        LONG: translator(DEFAULT_LANGUAGE, _changed(dutch, lengthen), LONG, "ltr"),
        RIGHT_TO_LEFT: translator(DEFAULT_LANGUAGE, _changed(dutch, turn_around), RIGHT_TO_LEFT, "rtl"),
    }


def lengthen(text: str) -> str:
    """Return the text with accents, two fifths longer, between brackets: "[Ůïţļöggéñ een]"."""
    return f"[{_apart(text, lambda part: part.translate(_ACCENTS))}{_padding(text)}]"


def turn_around(text: str) -> str:
    """Return the text with every word running from right to left; what is filled in keeps its own direction."""
    return _apart(text, lambda part: _WORD.sub(lambda word: f"{_OVERRIDE}{word[0]}{_END}", part))


def _padding(text: str) -> str:
    missing, words = round(len(text) * _GROWTH), ""
    for number in cycle(_NUMBERS):
        if len(words) >= missing:
            return words
        words += f" {number}"
    return words


def _apart(text: str, change: Callable[[str], str]) -> str:
    parts = _LEFT_ALONE.split(text)
    return "".join(part if index % 2 else change(part) for index, part in enumerate(parts))


def _changed(dutch: Catalog, change: Callable[[str], str]) -> Catalog:
    changed = Catalog(locale=DEFAULT_LANGUAGE)
    for message in dutch:
        if message.id:
            forms = message.string
            texts = tuple(map(change, forms)) if isinstance(forms, tuple | list) else change(str(forms))
            changed.add(message.id, texts)
    return changed
