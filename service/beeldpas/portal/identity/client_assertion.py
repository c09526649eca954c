"""How the portal proves to a provider that it is its client: a signed statement of a minute, new for every request.

*Source:* RFC 7521 §4.2, RFC 7523 §3; OpenID Connect Core 1.0 §9 (`private_key_jwt`); RFC 9126 §2 (audience at PAR).
"""

from pathlib import Path
from typing import Any

from authlib.oauth2.rfc7523 import PrivateKeyJWT, private_key_jwt_sign
from joserfc.jwk import RSAKey

from beeldpas.formats.jose import load_keys
from beeldpas.portal.settings import IssuerSettings

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_SECONDS = 60


class ShortAssertion(PrivateKeyJWT):  # type: ignore[misc]  # authlib has no types
    """Signs for one client at one provider; whom the statement is for is agreed with the provider."""

    def __init__(self, settings: IssuerSettings, key: RSAKey) -> None:
        audience = settings.issuer if settings.assertion_audience == "issuer" else None
        super().__init__(audience, headers={"kid": key.kid}, alg=settings.assertion_algorithm)
        self._client_id = settings.client_id
        self._key = key

    def sign(self, _auth: Any, token_endpoint: str) -> str:
        """Return a statement for this audience (the library's own lives an hour)."""
        signed: str = private_key_jwt_sign(
            self._key,
            client_id=self._client_id,
            token_endpoint=token_endpoint,
            header=dict(self.headers),
            alg=self.alg,
            expires_in=_SECONDS,
        )
        return signed

    def fields(self, token_endpoint: str) -> dict[str, str]:
        """Return the form fields for a request that the library does not make, a pushed one."""
        audience = self.token_endpoint or token_endpoint
        return {"client_assertion_type": ASSERTION_TYPE, "client_assertion": self.sign(None, audience)}


def client_key(file: Path) -> RSAKey:
    """Return the client's one key, which both signs and decrypts; a key file may name one use or algorithm only."""
    key = load_keys(file).keys[0]
    if not isinstance(key, RSAKey):
        raise ValueError(f"{file}: the key of an OpenID client is RSA")
    fields = key.as_dict(private=True)
    return RSAKey.import_key({name: value for name, value in fields.items() if name not in {"alg", "use", "key_ops"}})
