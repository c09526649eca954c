"""Key files: a JWK set that only its owner can read."""

import json
import os
from pathlib import Path

from joserfc.jwk import KeySet

from beeldpas.formats.jose import new_key, new_rsa_key, public_jwks


def write_new_keys(file: Path, kid: str, *, rsa: bool = False) -> None:
    """Write a new private key, mode 0600, and its public half beside it as `NAME.public.json`.

    Raises: FileExistsError when there is a key already; it is never replaced.
    """
    keys = KeySet([new_rsa_key(kid) if rsa else new_key(kid)])
    file.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as private:
        json.dump(keys.as_dict(private=True), private)
    public_file(file).write_text(json.dumps(public_jwks(keys)))


def public_file(file: Path) -> Path:
    """Return where the public half of a key file stands."""
    return file.with_name(file.name.removesuffix(".json") + ".public.json")
