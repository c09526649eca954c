"""Sealing what must be unreadable at rest: AES-256-GCM with keys that rotate.

*Source:* NIST SP 800-38D (96-bit random nonces; a key seals far fewer than 2^32 messages).
"""

from collections.abc import Sequence
from hashlib import sha256
from secrets import token_bytes

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_KEY_ID_BYTES, _NONCE_BYTES = 4, 12


class Seal:
    """Seals with the first key and opens with any; `keys` are 32 bytes each, newest first."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        if not keys:
            raise ValueError("a seal needs a key")
        self._ciphers = {sha256(key).digest()[:_KEY_ID_BYTES]: AESGCM(key) for key in keys}
        self._newest = next(iter(self._ciphers))

    def close(self, plain: bytes, context: bytes) -> bytes:
        """Return key id, nonce and ciphertext; `context` must be the same to open it."""
        nonce = token_bytes(_NONCE_BYTES)
        return self._newest + nonce + self._ciphers[self._newest].encrypt(nonce, plain, context)

    def open(self, sealed: bytes, context: bytes) -> bytes | None:
        """Return what was sealed, or None when the key is gone or the bytes were touched."""
        cipher = self._ciphers.get(sealed[:_KEY_ID_BYTES])
        if cipher is None:
            return None
        nonce, ciphertext = sealed[_KEY_ID_BYTES:][:_NONCE_BYTES], sealed[_KEY_ID_BYTES + _NONCE_BYTES :]
        try:
            return cipher.decrypt(nonce, ciphertext, context)
        except InvalidTag:
            return None
