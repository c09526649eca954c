"""How somebody wants the pages to be: language, size of the letters, small pictures, reports only on request."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from beeldpas.domain.errors import Malformed
from beeldpas.domain.share import LANGUAGES

TEXT_SIZES = ("normal", "large", "larger")
_DEFAULT_LANGUAGE = LANGUAGES[0]


@dataclass(frozen=True, slots=True)
class Preferences:
    """What one person set; whoever set nothing has these defaults."""

    language: str = _DEFAULT_LANGUAGE
    text_size: str = TEXT_SIZES[0]
    reports_on_request: bool = False
    thumbnails: bool = False

    @classmethod
    def parse(cls, fields: Mapping[str, str]) -> Self:
        """Read a form: a box that is ticked says "yes". Raises: Malformed("bad_request") for another choice."""
        language, text_size = fields.get("language", ""), fields.get("text_size", "")
        if language not in LANGUAGES or text_size not in TEXT_SIZES:
            raise Malformed("bad_request")
        on_request, thumbnails = (fields.get(name) == "yes" for name in ("reports_on_request", "thumbnails"))
        return cls(language, text_size, on_request, thumbnails)
