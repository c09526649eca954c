"""A message of an audit trail as one frame of syslog over TLS.

*Source:* RFC 5424 §6 (the message, in UTF-8 with its mark), RFC 5425 §4.3 (octet counting), DICOM PS3.15 §A.6
(facility 10, severity 5 or 4, MSGID `DICOM+RFC3881`).
"""

import re
from datetime import UTC, datetime

MESSAGE_ID = "DICOM+RFC3881"
_SECURITY, _NOTICE, _WARNING = 10, 5, 4
_MARK = b"\xef\xbb\xbf"
_NOT_PRINTABLE = re.compile(r"[^\x21-\x7e]")


def frame(body: bytes, *, at: datetime, host: str, program: str, process: str, warning: bool = False) -> bytes:
    """Return a message with its head and its length before it; `at` is when the event was, aware."""
    priority = _SECURITY * 8 + (_WARNING if warning else _NOTICE)
    moment = at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    names = f"{_name(host, 255)} {_name(program, 48)} {_name(process, 128)} {MESSAGE_ID}"
    message = f"<{priority}>1 {moment} {names} - ".encode("ascii") + _MARK + body
    return f"{len(message)} ".encode("ascii") + message


def _name(text: str, longest: int) -> str:
    """Return a name as the head may hold it: printable ASCII without spaces; `-` when there is none."""
    return _NOT_PRINTABLE.sub("_", text)[:longest] or "-"
