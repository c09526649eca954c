"""What a thief does with what was stolen: every word of it compared with every test BSN under every hash in reach."""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from tests.cast import ANNA, BRAM, CEES

from beeldpas.domain.bsn import BSN, BSN_SYSTEM
from beeldpas.domain.errors import Malformed

_PLAIN = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512", "sha3_256", "blake2b", "blake2s")
_WORD = re.compile(r"[0-9A-Za-z+/_=-]{16,}")
_NUMBER = re.compile(r"(?<![0-9A-Za-z])\d{8,9}(?![0-9A-Za-z])")


def numbers_for_tests() -> tuple[BSN, ...]:
    """Everybody of the story, and every valid number of the range that is kept for tests."""
    found = [ANNA.bsn, BRAM.bsn, CEES.bsn]
    for number in range(999_990_000, 1_000_000_000):
        try:
            found.append(BSN.parse(str(number)))
        except Malformed:
            continue
    return tuple(dict.fromkeys(found))


@dataclass(slots=True)
class Loot:
    """Text that was stolen: dumps of databases, files, logs. Bytes stand in it as hex or base64."""

    texts: list[str] = field(default_factory=list)

    @property
    def words(self) -> frozenset[str]:
        """Every run of signs that could be a digest, lower case where it is hex."""
        return frozenset(word for text in self.texts for word in _words(text))

    def numbers(self) -> frozenset[str]:
        """Every number that stands alone and could be a BSN."""
        return frozenset(found.zfill(9) for text in self.texts for found in _NUMBER.findall(text))


def named_by(loot: Loot, keys: Sequence[bytes], people: Iterable[BSN] | None = None) -> set[str]:
    """Return whom the thief can put a name to, with these keys: by the number itself, or by a hash of it."""
    words, numbers = loot.words, loot.numbers()
    found = set()
    for one in people or numbers_for_tests():
        number = one.reveal()
        if number in numbers or any(guess in words for guess in _guesses(number, keys)):
            found.add(number)
    return found


def _words(text: str) -> Iterator[str]:
    for word in _WORD.findall(text):
        yield word
        yield word.lower()
        yield word.rstrip("=")


def _guesses(number: str, keys: Sequence[bytes]) -> Iterator[str]:
    for said in _ways_to_say(number):
        for kind in _PLAIN:
            yield from _written(hashlib.new(kind, said).digest())
        for key in keys:
            yield from _written(hmac.digest(key, said, "sha256"))
            yield from _written(hmac.digest(key, said, "sha512"))
            yield from _written(hashlib.sha256(key + said).digest())
            yield from _written(hashlib.sha256(said + key).digest())


def _ways_to_say(number: str) -> Iterator[bytes]:
    for text in (number, number.lstrip("0"), f"NL:bsn:{number}", f"{BSN_SYSTEM}|{number}"):
        yield text.encode()
    for caller in ("portal", "registry"):
        yield f"beeldpas name 1\n{caller}\n{number}".encode()  # how the process makes names


def _written(digest: bytes) -> Iterator[str]:
    yield digest.hex()
    yield b64encode(digest).decode().rstrip("=")
    yield urlsafe_b64encode(digest).decode().rstrip("=")
