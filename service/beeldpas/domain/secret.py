"""Values that must never be seen in a log, a traceback or a page by accident."""

import hmac


class Secret:
    """A text that shows itself only when asked by name.

    `repr`, `str` and formatting give the type's name; equality takes constant time.
    Pickling is refused, since a pickle is a copy that nobody guards.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the text itself; every call site is a place to justify."""
        return self._value

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    __str__ = __repr__

    def __format__(self, _spec: str) -> str:
        return repr(self)

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return hmac.compare_digest(self._value.encode(), other._value.encode())

    def __hash__(self) -> int:
        return hash((type(self).__name__, self._value))

    def __reduce__(self) -> str:
        raise TypeError(f"{type(self).__name__} cannot be pickled")


class OneTimeCode(Secret):
    """An authorization code: 256 random bits, one use, sixty seconds."""
