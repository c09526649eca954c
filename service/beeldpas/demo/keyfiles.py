"""Makes every key of the demo at first start and leaves them alone afterwards.

Signing keys of our programs are Ed25519; OpenID clients and issuers use RSA (PS256), as DigiD's front asks.
"""

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from joserfc.jwk import KeySet, RSAKey

from beeldpas.demo.floor import ISSUERS, Floor
from beeldpas.domain.errors import Malformed
from beeldpas.formats.jose import load_keys, new_rsa_key
from beeldpas.keys import write_new_keys
from beeldpas.portal.secrets import load_secrets, write_new_secrets
from beeldpas.pseudonyms.keys import KeyBook


def named(floor: Floor) -> tuple[str, ...]:
    """Who asks the process that makes names: two have names for people, the hospitals want fingerprints of them."""
    return ("portal", "registry", *floor.gateways)


def make_keys(floor: Floor) -> None:
    """Make what is missing: certificates, signing keys, client keys, the portal's secrets, those of the names."""
    if floor.tls:
        floor.certificates.make([floor[name].host for name in floor.places])
    for name in ("portal", "registry", *floor.gateways):
        if not floor.keys(name).exists():
            write_new_keys(floor.keys(name), f"{name}-1")
    for name in ISSUERS:
        _write_private(floor.keys(name), new_rsa_key(f"{name}-1"))
        _write_private(client_key_file(floor, name), RSAKey.generate_key(2048, {"kid": f"portal-{name}"}))
    _make_secrets(secrets_file(floor))
    for book in (*(name_keys(floor, caller) for caller in named(floor)), fingerprint_keys(floor)):
        if not book.exists():
            book.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            KeyBook.begin(datetime.now(UTC)).write(book)


def _make_secrets(file: Path) -> None:
    """Make the portal's rings, also where an earlier demo left a file that lacks one."""
    try:
        load_secrets(file)
    except (FileNotFoundError, Malformed):
        file.unlink(missing_ok=True)
        write_new_secrets(file)


def secrets_file(floor: Floor) -> Path:
    """Where the portal's own keys stand."""
    return floor.folder("portal") / "secrets.json"


def name_keys(floor: Floor, caller: str) -> Path:
    """Where the keys of a program's names stand: with the process that makes them, not with the program."""
    return floor.folder("pseudonyms") / "keys" / f"{caller}.keys.json"


def fingerprint_keys(floor: Floor) -> Path:
    """Where the keys of fingerprints stand, one book for all."""
    return floor.folder("pseudonyms") / "keys" / "fingerprints.book.json"


def client_key_file(floor: Floor, issuer: str) -> Path:
    """Where the portal's private key for one issuer stands."""
    return floor.folder("portal") / f"client-{issuer}.json"


def client_jwks(floor: Floor, issuer: str) -> dict[str, Any]:
    """The public half for the issuer: once for signatures, once for encryption."""
    key = load_keys(client_key_file(floor, issuer)).keys[0]
    public = dict(key.as_dict(private=False))
    return {
        "keys": [
            public | {"use": "sig", "alg": "PS256"},
            public | {"use": "enc", "alg": "RSA-OAEP", "kid": f"{key.kid}-enc"},
        ]
    }


def _write_private(file: Path, key: RSAKey) -> None:
    if file.exists():
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as output:
        json.dump(KeySet([key]).as_dict(private=True), output)
