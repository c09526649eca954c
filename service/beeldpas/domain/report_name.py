"""How portal and gateway name one report to each other in an address, which never holds a UID."""

import re
from hashlib import sha256

_NAME = re.compile(r"[0-9a-f]{20}")


def report_name(grant_handle: str, report_uid: str) -> str:
    """Return the name of a report within one grant; in another grant the same report has another name."""
    return sha256(f"{grant_handle}|{report_uid}".encode()).hexdigest()[:20]


def is_report_name(text: str) -> bool:
    """Say whether this could be such a name."""
    return _NAME.fullmatch(text) is not None
