"""How a name comes out of a number: HMAC-SHA-256 under a key of the one program that asked, with that program's name.

There are some ninety million valid numbers, so a plain hash could be undone in a minute. Two programs have other keys
and other names for the same person: who holds both tables cannot put them side by side.
*Source:* RFC 2104; AVG art. 4(5) (pseudonymisation: what leads back is kept apart).
"""

import hmac
from hashlib import sha256

from beeldpas.domain.bsn import BSN
from beeldpas.formats.fingerprints import Fingerprints, Told
from beeldpas.pseudonyms.keys import KeyBook

_DOMAIN = "beeldpas name 1"
_IDENTITY = "beeldpas identity 1"


def names_of(book: KeyBook, caller: str, bsn: BSN) -> tuple[str, ...]:
    """Return the names of a person for this caller, newest first; each begins with the name of its key."""
    message = f"{_DOMAIN}\n{caller}\n{bsn.reveal()}".encode()
    return tuple(f"{one.name}.{hmac.new(one.key, message, sha256).hexdigest()}" for one in book.keys)


def fingerprints_of(book: KeyBook, told: Told) -> Fingerprints:
    """Return the fingerprints of what is told of a person, by the newest key, the same for every caller."""
    born = told.birth_date.isoformat() if told.birth_date else ""
    return Fingerprints(_print(book, told.bsn, "birth_date", born), _print(book, told.bsn, "sex", told.sex))


def _print(book: KeyBook, bsn: BSN, attribute: str, value: str) -> str:
    if not value:
        return ""
    newest, message = book.keys[0], f"{_IDENTITY}\n{attribute}\n{bsn.reveal()}\n{value}".encode()
    return f"{newest.name}.{hmac.new(newest.key, message, sha256).hexdigest()}"
