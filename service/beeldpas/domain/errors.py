"""Every error that beeldpas raises on purpose, in one tree.

    BeeldpasError
    ├── Refused       you may not, or not any more          (reason: one key of the catalogue of states)
    ├── NotFound      unknown, or not for you: one answer for both
    ├── Malformed     what came in cannot be read
    ├── Conflict      the state moved on in the meantime
    └── Unavailable   a system outside did not do its part  (retryable: does trying again make sense?)

Only `web/errors.py` knows how these look over HTTP.
"""

from collections.abc import Mapping
from types import MappingProxyType

Detail = Mapping[str, str | int]


class BeeldpasError(Exception):
    """The root: carries a machine key and small facts for the sentence a person gets to read."""

    def __init__(self, reason: str, detail: Detail | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail: Detail = MappingProxyType(dict(detail or {}))


class Refused(BeeldpasError):
    """The asker may not do this. `reason` names why, in the words of the catalogue of states."""


class NotFound(BeeldpasError):
    """There is nothing here for this asker; says nothing about whether it exists for another."""

    def __init__(self, reason: str = "not_found", detail: Detail | None = None) -> None:
        super().__init__(reason, detail)


class Malformed(BeeldpasError):
    """Input that does not have the form it must have."""


class Conflict(BeeldpasError):
    """The state that the asker saw is no longer the state."""


class Unavailable(BeeldpasError):
    """An outside system failed; `source` names it, `retryable` says whether a later try may help."""

    def __init__(
        self,
        source: str,
        *,
        retryable: bool = True,
        reason: str = "unavailable",
        detail: Detail | None = None,
    ) -> None:
        super().__init__(reason, detail)
        self.source = source
        self.retryable = retryable
