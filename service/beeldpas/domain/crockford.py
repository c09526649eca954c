"""Crockford's base 32, which people can read aloud and type back, with a check character over GF(32).

The check is a weighted sum in the field of 32 elements: every single wrong character and every swap of two
characters is found, and the check character is one of the same 32 (Crockford's own, modulo 37, needs symbols
that no phone keyboard shows). *Source:* Crockford, Base 32; primitive polynomial x^5 + x^2 + 1.
"""

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_FORGIVEN = str.maketrans({"O": "0", "I": "1", "L": "1"} | dict.fromkeys(" -._·\t\u00a0\u2013\u2010\u2011", ""))


def normalise(text: str) -> str:
    """Upper-case the text, drop separators, read O as 0 and I or L as 1; the rest stays as it is."""
    return text.strip().upper().translate(_FORGIVEN)


def encode(value: bytes, length: int) -> str:
    """Write the leading `5 * length` bits of the bytes as characters."""
    number = int.from_bytes(value, "big") >> (len(value) * 8 - 5 * length)
    return "".join(ALPHABET[(number >> 5 * place) & 31] for place in reversed(range(length)))


def check_character(text: str) -> str:
    """Return the character that makes `is_consistent(text + character)` true."""
    return ALPHABET[_divide_by_alpha(_weighted_sum(text), len(text))]


def is_consistent(text: str) -> bool:
    """Say whether all characters are in the alphabet and the weighted sum is zero."""
    return all(character in ALPHABET for character in text) and _weighted_sum(text) == 0


def _weighted_sum(text: str) -> int:
    total = 0
    for place, character in enumerate(text):
        total ^= _times_alpha(ALPHABET.index(character), place)
    return total


def _times_alpha(element: int, times: int) -> int:
    for _ in range(times % 31):
        element <<= 1
        if element & 32:
            element ^= 0b100101
    return element


def _divide_by_alpha(element: int, times: int) -> int:
    return _times_alpha(element, 31 - times % 31)
