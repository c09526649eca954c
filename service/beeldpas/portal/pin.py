"""What the database keeps of a PIN: slow to compute, and useless without the pepper.

A million PINs are soon tried by who holds the hash, so the PIN first goes through an HMAC whose key is not in
the database. The share's id goes in too: one PIN on two shares gives two hashes. *Source:* RFC 9106 §4.
"""

import asyncio
import hmac
from hashlib import sha256

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from beeldpas.domain.codes import PIN
from beeldpas.portal.secrets import Secrets

_HASHER = PasswordHasher(time_cost=3, memory_cost=65536, parallelism=4)  # RFC 9106, second recommended option


async def hash_pin(secrets: Secrets, share_id: str, pin: PIN) -> str:
    """Return what to store; takes tens of milliseconds, in a thread."""
    name, pepper = secrets.pin.newest
    peppered = _peppered(pepper, share_id, pin)
    return f"{name}:{await asyncio.to_thread(_HASHER.hash, peppered)}"


async def is_pin(secrets: Secrets, stored: str, share_id: str, pin: PIN) -> bool:
    """Say whether this is the PIN; takes tens of milliseconds, in a thread."""
    name, _, digest = stored.partition(":")
    pepper = secrets.pin.named(name)
    if pepper is None:
        return False
    return await asyncio.to_thread(_matches, digest, _peppered(pepper, share_id, pin))


def _matches(digest: str, peppered: bytes) -> bool:
    try:
        return _HASHER.verify(digest, peppered)
    except VerificationError:
        return False


def _peppered(pepper: bytes, share_id: str, pin: PIN) -> bytes:
    return hmac.new(pepper, f"{share_id}\n{pin.reveal()}".encode(), sha256).digest()
