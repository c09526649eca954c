"""The Dutch citizen service number.

*Source:* Wet algemene bepalingen burgerservicenummer; the eleven-test as published by RvIG.
"""

from typing import Self

from beeldpas.domain.errors import Malformed
from beeldpas.domain.secret import Secret

BSN_SYSTEM = "http://fhir.nl/fhir/NamingSystem/bsn"
_WEIGHTS = (9, 8, 7, 6, 5, 4, 3, 2, -1)


class BSN(Secret):
    """Nine digits that pass the eleven-test. Made by `parse` only."""

    __slots__ = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the number; eight digits get the leading zero that some systems drop.

        Raises: Malformed("bsn") when it is not a number that could have been issued.
        """
        written = text.strip()
        digits = written.zfill(9)
        if len(written) not in (8, 9) or not (digits.isascii() and digits.isdigit()) or digits == "000000000":
            raise Malformed("bsn")
        if sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, digits, strict=True)) % 11:
            raise Malformed("bsn")
        return cls(digits)
