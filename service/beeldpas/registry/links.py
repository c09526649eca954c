"""The address of a next page: what was asked and where it goes on, sealed, so that nobody can read a person from it.

A link is good for ten minutes and for who got it; whoever follows it brings a new token, as for any request. Any
process of the registry opens what another made, since the key is derived from the registry's own.
*Source:* FHIR R4 §3.1.1.5.1 (paging: a next link is opaque).
"""

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Self

from joserfc.jwk import KeySet

from beeldpas.domain.errors import Malformed
from beeldpas.web.seal import Seal

LIFETIME = timedelta(minutes=10)
PARAMETER = "_page"
_LONGEST = 4000


@dataclass(frozen=True, slots=True)
class Links:
    """Makes and opens next links below a FHIR base."""

    seal: Seal
    base: str
    clock: Callable[[], datetime]

    @classmethod
    def of(cls, keys: KeySet, base: str, clock: Callable[[], datetime]) -> Self:
        """Derive the seal's keys from signing keys, so that nothing more has to be kept."""
        secrets = [str(key.as_dict(private=True)["d"]) for key in keys.keys]
        return cls(Seal([hmac.digest(secret.encode(), b"next links\n", "sha256") for secret in secrets]), base, clock)

    def below(self, base: str) -> Self:
        """The same below another base."""
        return replace(self, base=base)

    def make(self, kind: str, facts: Mapping[str, Any], whose: str, door: str = "ImagingStudy") -> str:
        """Return the address of a page of this kind, below `door`, that only `whose` can follow."""
        until = int((self.clock() + LIFETIME).timestamp())
        sealed = self.seal.close(json.dumps({**facts, "until": until}).encode(), _context(kind, whose))
        return f"{self.base}/{door}?{PARAMETER}={urlsafe_b64encode(sealed).decode().rstrip('=')}"

    def open(self, kind: str, page: str, whose: str) -> dict[str, Any]:
        """Return the facts in a page. Raises: Malformed("page_not_known") for another's, an old or a made-up one."""
        try:
            sealed = urlsafe_b64decode(page[:_LONGEST] + "=" * (-len(page) % 4))
        except (Error, ValueError) as error:
            raise Malformed("page_not_known") from error
        plain = self.seal.open(sealed, _context(kind, whose)) if len(sealed) > 32 else None
        facts: dict[str, Any] = json.loads(plain) if plain is not None else {"until": 0}
        if facts.pop("until") < self.clock().timestamp():
            raise Malformed("page_not_known")
        return facts


def _context(kind: str, whose: str) -> bytes:
    return f"{kind}\n{whose}".encode()
