"""Sealing what must be unreadable at rest: AES-256-GCM with keys that rotate.

What only one person's visit may open is sealed with that visit's secret too (`opener`): then the keys and the sealed
bytes together are not enough. *Source:* NIST SP 800-38D (96-bit random nonces; a key seals far fewer than 2^32
messages); NIST SP 800-108 (a key for each visit, by HMAC).
"""

import hmac
from collections.abc import Sequence
from hashlib import sha256
from secrets import token_bytes

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_ID_BYTES, _NONCE_BYTES = 4, 12


class Seal:
    """Seals with the first key and opens with any; `keys` are 32 bytes each, newest first."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        if not keys:
            raise ValueError("a seal needs a key")
        self._keys = {sha256(key).digest()[:KEY_ID_BYTES]: key for key in keys}
        self._newest = next(iter(self._keys))

    @property
    def older(self) -> tuple[bytes, ...]:
        """How what is sealed with another key than the newest begins, each `KEY_ID_BYTES` long."""
        return tuple(name for name in self._keys if name != self._newest)

    def close(self, plain: bytes, context: bytes, opener: str = "") -> bytes:
        """Return key id, nonce and ciphertext; `context` and `opener` must be the same to open it.

        `opener` is a secret of 128 bits or more that is kept elsewhere, or "" when the keys alone shall do.
        """
        nonce = token_bytes(_NONCE_BYTES)
        cipher = _cipher(self._keys[self._newest], opener)
        return self._newest + nonce + cipher.encrypt(nonce, plain, context)

    def open(self, sealed: bytes, context: bytes, opener: str = "") -> bytes | None:
        """Return what was sealed, or None when the key is gone, the opener another, or the bytes were touched."""
        key = self._keys.get(sealed[:KEY_ID_BYTES])
        if key is None:
            return None
        cipher = _cipher(key, opener)
        nonce, ciphertext = sealed[KEY_ID_BYTES:][:_NONCE_BYTES], sealed[KEY_ID_BYTES + _NONCE_BYTES :]
        try:
            return cipher.decrypt(nonce, ciphertext, context)
        except InvalidTag:
            return None


def _cipher(key: bytes, opener: str) -> AESGCM:
    return AESGCM(hmac.digest(key, b"opener\n" + opener.encode(), "sha256") if opener else key)
