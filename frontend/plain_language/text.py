"""A text of the catalogues as the rules look at it: what it is, and who reads it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from babel.messages.pofile import read_po

Reader = Literal["patient", "provider", "staff", "technician"]
# Files that patients do not read, and keys in other files; everything else is for them.
_READERS: dict[str, Reader] = {"provider": "provider", "helpdesk": "staff", "holds": "staff", "security": "staff"}
_KEYS: tuple[tuple[re.Pattern[str], Reader], ...] = (
    (re.compile(r"^ict\.|^foot\.ict$|^letter\.help_ict$"), "technician"),
    (re.compile(r"^letter\.|^state\.(?:work|provider)_|_provider$"), "provider"),
)
_TITLE = re.compile(r"[._]title(?:_\w+)?$")


@dataclass(frozen=True, slots=True)
class Text:
    """One text of one key (of a plural: one of its forms); `page` is the file that it stands in."""

    language: str
    page: str
    key: str
    text: str

    @property
    def reader(self) -> Reader:
        """Who reads it."""
        by_key = (reader for pattern, reader in _KEYS if pattern.search(self.key))
        return next(by_key, _READERS.get(self.page, "patient"))

    @property
    def is_title(self) -> bool:
        """Say whether it is the title of a page or a state."""
        return bool(_TITLE.search(self.key))


def read_texts(locales: Path, language: str) -> Iterator[Text]:
    """Read every text of a language. Raises: OSError, babel.messages.pofile.PoFileError."""
    for path in sorted((locales / language).glob("*.po")):
        with path.open("rb") as file:
            catalogue = read_po(file, locale=language, abort_invalid=True)
        for message in catalogue:
            if message.id:
                key = message.id[0] if isinstance(message.id, tuple) else message.id
                forms = message.string if isinstance(message.string, tuple) else (message.string,)
                yield from (Text(language, path.stem, str(key), str(form)) for form in dict.fromkeys(forms))
