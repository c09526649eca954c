"""DICOM unique identifiers.

*Source:* DICOM PS3.5 §9 (at most 64 characters; components of digits, without leading zeros, joined by dots).
"""

import re

from beeldpas.domain.errors import Malformed

_UID = re.compile(r"(?:0|[1-9][0-9]*)(?:\.(?:0|[1-9][0-9]*))+")


def is_uid(text: str) -> bool:
    """Say whether the text is a UID; nothing is trimmed: a trailing dot or NUL is no UID."""
    return len(text) <= 64 and _UID.fullmatch(text) is not None


def parse_uid(text: str) -> str:
    """Return the text when it is a UID. Raises: Malformed("uid")."""
    if not is_uid(text):
        raise Malformed("uid")
    return text
