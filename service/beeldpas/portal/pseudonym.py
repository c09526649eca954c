"""Names that stand for a person without telling who it is.

There are only some ninety million valid BSNs: the pseudonym protects as long as its key is kept apart from the
table. It carries the name of its key, so that a later key can follow.
"""

import hmac
from hashlib import sha256

from beeldpas.domain.bsn import BSN
from beeldpas.portal.secrets import Secrets


def pseudonym(secrets: Secrets, bsn: BSN) -> str:
    """Return the name under which this person's shares and log rows are kept."""
    name, key = secrets.pseudonym.newest
    return f"{name}.{_digest(key, bsn.reveal())}"


def pairwise(secrets: Secrets, audience: str, receiver: str) -> str:
    """Return a receiver's name for one audience: two hospitals cannot find out that theirs is the same person."""
    _, key = secrets.pairwise.newest
    return _digest(key, f"{audience}\n{receiver}")


def _digest(key: bytes, text: str) -> str:
    return hmac.new(key, text.encode(), sha256).hexdigest()
