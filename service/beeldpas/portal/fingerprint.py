"""What the database keeps of a share code or a call code: a keyed fingerprint, useless without the key."""

import hmac
from hashlib import sha256

from beeldpas.domain.codes import CallCode, ShareCode
from beeldpas.portal.secrets import Secrets


def fingerprint(secrets: Secrets, code: ShareCode | CallCode) -> str:
    """Return what to store for a new code."""
    return fingerprints(secrets, code)[0]


def fingerprints(secrets: Secrets, code: ShareCode | CallCode) -> tuple[str, ...]:
    """Return what may be stored for this code, one per key, newest first."""
    return tuple(
        f"{name}.{hmac.new(key, code.reveal().encode(), sha256).hexdigest()}"
        for name, key in secrets.fingerprint.keys
    )
