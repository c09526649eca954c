"""What a patient hands over (code and PIN), and what names a share without opening it (reference)."""

from dataclasses import dataclass
from typing import Self

from beeldpas.domain import crockford
from beeldpas.domain.errors import Malformed
from beeldpas.domain.secret import Secret

CODE_BYTES = 10
PIN_DIGITS = 6
REFERENCE_BYTES = 6
CALL_CODE_BYTES = 5
CODE_CHARACTERS = 17
_REFERENCE_CHARACTERS = 9
_CALL_CODE_CHARACTERS = 8


class ShareCode(Secret):
    """80 random bits as 16 characters and a check character: short enough to type from paper."""

    __slots__ = ()

    @classmethod
    def new(cls, random_bytes: bytes) -> Self:
        """Make a code of exactly ten random bytes."""
        if len(random_bytes) != CODE_BYTES:
            raise ValueError("a share code takes ten random bytes")
        text = crockford.encode(random_bytes, 16)
        return cls(text + crockford.check_character(text))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what somebody typed: case, spaces, dashes, O for 0 and I or L for 1 do not matter.

        Raises: Malformed("code_mistyped") when the length or the check character does not fit.
        """
        code = crockford.normalise(text)
        if len(code) != CODE_CHARACTERS or not crockford.is_consistent(code):
            raise Malformed("code_mistyped")
        return cls(code)

    def grouped(self) -> str:
        """Return the code in groups of four, as it is printed."""
        code = self.reveal()
        return " ".join(code[start : start + 4] for start in range(0, len(code), 4))


class CallCode(Secret):
    """35 random bits as seven characters and a check character: a patient reads it to the helpdesk, once."""

    __slots__ = ()

    @classmethod
    def new(cls, random_bytes: bytes) -> Self:
        """Make a call code of exactly five random bytes."""
        if len(random_bytes) != CALL_CODE_BYTES:
            raise ValueError("a call code takes five random bytes")
        text = crockford.encode(random_bytes, _CALL_CODE_CHARACTERS - 1)
        return cls(text + crockford.check_character(text))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what was said on the phone. Raises: Malformed("call_code_unknown") when the check does not fit."""
        code = crockford.normalise(text)
        if len(code) != _CALL_CODE_CHARACTERS or not crockford.is_consistent(code):
            raise Malformed("call_code_unknown")
        return cls(code)

    def grouped(self) -> str:
        """Return the code in two groups of four, as it is read aloud."""
        code = self.reveal()
        return f"{code[:4]} {code[4:]}"


class PIN(Secret):
    """Six digits that travel apart from the code."""

    __slots__ = ()

    @classmethod
    def new(cls, number: int) -> Self:
        """Write a number below a million with its leading zeros."""
        if not 0 <= number < 10**PIN_DIGITS:
            raise ValueError("a PIN has six digits")
        return cls(f"{number:0{PIN_DIGITS}d}")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read six digits; spaces do not matter. Raises: Malformed("pin_missing" | "pin_format")."""
        digits = "".join(text.split())
        if not digits:
            raise Malformed("pin_missing")
        if len(digits) != PIN_DIGITS or not (digits.isascii() and digits.isdigit()):
            raise Malformed("pin_format", {"n": len(digits)})
        return cls(digits)


@dataclass(frozen=True, slots=True)
class Reference:
    """Names a share to the helpdesk and opens nothing; written K7P-4QX-92M."""

    text: str

    @classmethod
    def new(cls, random_bytes: bytes) -> Self:
        """Make a reference of six random bytes (45 of their bits are used)."""
        if len(random_bytes) != REFERENCE_BYTES:
            raise ValueError("a reference takes six random bytes")
        return cls(_by_threes(crockford.encode(random_bytes, _REFERENCE_CHARACTERS)))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a reference as it was said on the phone. Raises: Malformed("ref_unknown")."""
        plain = crockford.normalise(text)
        if len(plain) != _REFERENCE_CHARACTERS or any(sign not in crockford.ALPHABET for sign in plain):
            raise Malformed("ref_unknown")
        return cls(_by_threes(plain))

    def __str__(self) -> str:
        return self.text


def _by_threes(plain: str) -> str:
    return "-".join(plain[start : start + 3] for start in range(0, len(plain), 3))
