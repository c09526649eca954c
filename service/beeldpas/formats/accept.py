"""The Accept field of HTTP: media ranges with their parameters, most wanted first.

*Source:* RFC 9110 §12.5.1; DICOM PS3.18 §8.7.5 (quoted `type` and `transfer-syntax` parameters).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from functools import lru_cache

ANYTHING = "*/*"


@dataclass(frozen=True, slots=True)
class MediaRange:
    """One range, names in lower case; `parameters` without `q`."""

    media_type: str
    parameters: Mapping[str, str]
    quality: float

    def covers(self, media_type: str) -> bool:
        """Say whether a media type (without parameters) falls in the range."""
        main = media_type.partition("/")[0]
        return self.media_type in {ANYTHING, f"{main}/*", media_type}


@lru_cache(maxsize=256)
def read_accept(field: str | None) -> tuple[MediaRange, ...]:
    """Return the ranges with a quality above zero, most wanted first; no field means anything."""
    ranges = [_media_range(part) for part in _split(field or ANYTHING) if part.strip()]
    wanted = [found for found in ranges if found.quality > 0]
    return tuple(sorted(wanted, key=lambda found: -found.quality))


def _split(field: str) -> list[str]:
    """Split at commas outside quotes."""
    parts, quoted = [""], False
    for char in field:
        quoted ^= char == '"'
        if char == "," and not quoted:
            parts.append("")
        else:
            parts[-1] += char
    return parts


def _media_range(text: str) -> MediaRange:
    message = Message()
    message["Content-Type"] = text.strip()
    parameters = {name.lower(): str(value) for name, value in (message.get_params(failobj=[]) or [])[1:]}
    try:
        quality = float(parameters.pop("q", "1"))
    except ValueError:
        quality = 0.0
    return MediaRange(text.partition(";")[0].strip().lower(), parameters, quality)
