"""The texts of all pages, one catalogue per language, read from gettext files at start.

Keys are dotted names (`timeline.title`), never sentences: both languages are translations of the same key, and
a better wording changes one line in one file. *Source:* GNU gettext manual §10.5 (PO files).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Literal

from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

from beeldpas.domain import share

Direction = Literal["ltr", "rtl"]
LANGUAGES = share.LANGUAGES
DEFAULT_LANGUAGE = LANGUAGES[0]


@dataclass(frozen=True, slots=True)
class Translator:
    """Says things in one language. Values are put in as text; escaping is the template's work.

    `catalogue` is the name of the texts in addresses. It is the language, except for the made-up catalogues that
    show whether a page can bear other languages (see `pseudo`).
    """

    language: str
    catalogue: str
    direction: Direction
    _texts: Translations

    def __call__(self, key: str, /, **values: object) -> str:
        """Return the text with its `{names}` filled in. Raises: LookupError for an unknown key."""
        text = self._texts.gettext(key)
        if text == key:
            raise LookupError(key)
        return text.format(**values) if values else text

    def many(self, key: str, number: int, /, **values: object) -> str:
        """Return the form of the text that fits the number; `{n}` is the number as people write it."""
        text = self._texts.ngettext(key, key, number)
        if text == key:
            raise LookupError(key)
        return text.format(**{"n": number, **values})

    def under(self, beginning: str) -> dict[str, str]:
        """Return the texts whose keys begin so, with their `{names}` left open, for a script that fills them in."""
        texts = self._texts._catalog
        return {key: text for key, text in texts.items() if isinstance(key, str) and key.startswith(beginning)}

    def knows(self, key: str) -> bool:
        """Say whether the catalogue has the key."""
        return self._texts.gettext(key) != key


@cache
def load_translators(folder: Path) -> Mapping[str, Translator]:
    """Read `{folder}/{language}/*.po` for every language, once. Raises: OSError, ValueError (a broken file)."""
    return {language: translator(language, read_catalogue(folder / language)) for language in LANGUAGES}


def translator(language: str, texts: Catalog, catalogue: str = "", direction: Direction | None = None) -> Translator:
    """Return what speaks these texts; the direction of writing is the language's own unless another is given."""
    written = direction or ("rtl" if Locale.parse(language).text_direction == "rtl" else "ltr")
    return Translator(language, catalogue or language, written, _compiled(language, texts))


def read_catalogue(folder: Path) -> Catalog:
    """Bring the files of one language together. Raises: ValueError when a key stands in two files."""
    whole = Catalog(locale=folder.name)
    for path in sorted(folder.glob("*.po")):
        with path.open("rb") as file:
            part = read_po(file, locale=folder.name, abort_invalid=True)
        for message in part:
            if not message.id:
                continue
            if message.id in whole:
                raise ValueError(f"{path}: {message.id} is in two files")
            whole[message.id] = message
    return whole


def _compiled(language: str, catalogue: Catalog) -> Translations:
    buffer = BytesIO()
    write_mo(buffer, catalogue)
    buffer.seek(0)
    return Translations(buffer, domain=language)
