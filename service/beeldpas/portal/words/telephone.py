"""A telephone number as people read it, and as a device dials it.

In Dutch it stands as it is dialled here; in another language with the country before it, because its reader may have
a telephone from elsewhere. Numbers that only work here (0800, 0900, 14 and short ones) stay as they are.
*Source:* ITU-T E.123 §2 (notation); Dutch numbering plan: 0800, 090x and 14xx are not reached from abroad.
"""

import re

_COUNTRY = "+31"
_ONLY_HERE = re.compile(r"^(?:0800|090\d|14\d|1\d\d$)")


def written(number: str, language: str) -> str:
    """Return "088 123 45 67" in Dutch and "+31 88 123 45 67" otherwise."""
    if language == "nl":
        return number
    return f"{_COUNTRY} {number[1:].strip()}" if _is_reached_from_abroad(number) else number


def dialled(number: str) -> str:
    """Return what a `tel:` link holds: digits only, with the country where that works."""
    digits = re.sub(r"[^\d+]", "", number)
    return f"{_COUNTRY}{digits[1:]}" if _is_reached_from_abroad(number) else digits


def _is_reached_from_abroad(number: str) -> bool:
    digits = re.sub(r"\D", "", number)
    return number.startswith("0") and not number.startswith("00") and not _ONLY_HERE.match(digits)
