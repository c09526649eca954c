"""How a name comes out of a number: HMAC-SHA-256 under a key of the one program that asked, with that program's name.

There are some ninety million valid numbers, so a plain hash could be undone in a minute. Two programs have other keys
and other names for the same person: who holds both tables cannot put them side by side.
*Source:* RFC 2104; AVG art. 4(5) (pseudonymisation: what leads back is kept apart).
"""

import hmac
from hashlib import sha256

from beeldpas.domain.bsn import BSN
from beeldpas.pseudonyms.keys import KeyBook

_DOMAIN = "beeldpas name 1"


def names_of(book: KeyBook, caller: str, bsn: BSN) -> tuple[str, ...]:
    """Return the names of a person for this caller, newest first; each begins with the name of its key."""
    message = f"{_DOMAIN}\n{caller}\n{bsn.reveal()}".encode()
    return tuple(f"{one.name}.{hmac.new(one.key, message, sha256).hexdigest()}" for one in book.keys)
