"""Makes what docker/compose.yaml reads: keys, certificates, passwords and the made-up sign-in, below docker/.state.

Run once, from the top of the project:  .venv/bin/python docker/prepare.py
What is there already stays as it is. Run by root, everything is given to the user that the images name.
"""

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from secrets import token_hex, token_urlsafe

from joserfc.jwk import Key, KeySet

from beeldpas.demo import issuers
from beeldpas.demo.certificates import Certificates
from beeldpas.formats.jose import load_keys, new_key, new_rsa_key, public_jwks
from beeldpas.portal.secrets import write_new_secrets
from beeldpas.pseudonyms.keys import KeyBook

STATE = Path(__file__).resolve().with_name(".state")
SECRETS, PUBLIC = STATE / "secrets", STATE / "public"
FOLDERS = ("portal", "registry", "pseudonyms", "names", "gateway", "sockets", "database", "objects", "pacs")
HOSTS = tuple(f"{name}.beeldpas.test" for name in ("portal", "registry", "noord", "digid", "zorg", "staff"))
SIGN_INS: dict[str, Callable[[issuers.Client], issuers.Json]] = {
    "digid": issuers.digid,
    "zorg": issuers.care,
    "staff": issuers.staff,
}
IMAGE_USER = 10001


def prepare() -> None:
    """Make everything that is missing."""
    os.umask(0o077)
    for folder in (SECRETS, PUBLIC, *(STATE / name for name in FOLDERS)):
        folder.mkdir(parents=True, exist_ok=True)
    _certificates()
    _signing_keys()
    _databases()
    _objects()
    for name in SIGN_INS:
        _sign_in(name)
    _owner()


def _certificates() -> None:
    certificates = Certificates(STATE / "tls")
    certificates.make(HOSTS)
    (PUBLIC / "demo-ca.pem").write_bytes(certificates.ca_file.read_bytes())


def _signing_keys() -> None:
    for program, public in (("portal", "portal"), ("registry", "registry"), ("gateway", "noord")):
        keys = _keys(f"{program}_keys", partial(new_key, f"{public}-1"))
        (PUBLIC / f"{public}.jwks.json").write_text(json.dumps(public_jwks(keys)))
    if not (secrets := SECRETS / "portal_secrets").exists():
        write_new_secrets(secrets)
    for book in ("portal.keys.json", "registry.keys.json", "gateway.keys.json", "fingerprints.book.json"):
        if not (file := STATE / "pseudonyms" / book).exists():
            KeyBook.begin(datetime.now(UTC)).write(file)


def _databases() -> None:
    _secret("database_owner", token_urlsafe(24))
    for program in ("portal", "registry", "gateway"):
        password = _secret(f"{program}_password", token_urlsafe(24))
        _secret(f"{program}_pgpass", f"database:5432:{program}:{program}:{password}\n")


def _objects() -> None:
    secret_key = _secret("objects_secret_key", token_hex(20))
    account = {
        "name": "noord",
        "credentials": [{"accessKey": "noord", "secretKey": secret_key}],
        "actions": ["Admin", "Read", "List", "Write"],
    }
    _secret("objects_identities", json.dumps({"identities": [account]}))
    _secret("pacs_users", json.dumps({"RegisteredUsers": {"noord": token_urlsafe(24)}}))


def _sign_in(name: str) -> None:
    """One issuer with its own keys, and the portal as its client."""
    own = _keys(f"issuer_{name}_keys", partial(new_rsa_key, f"{name}-1"))
    key = _keys(f"client_{name}", partial(new_rsa_key, f"portal-{name}")).keys[0]
    public = {field: value for field, value in key.as_dict(private=False).items() if field not in {"alg", "use"}}
    usable = [
        public | {"use": "sig", "alg": "PS256"},
        public | {"use": "enc", "alg": "RSA-OAEP", "kid": f"{key.kid}-enc"},
    ]
    client = issuers.Client(
        client_id="beeldpas-portal",
        redirect_uri=f"https://portal.beeldpas.test:8443/callback/{name}",
        jwks={"keys": usable},
        signed_by="PS256" if name == "digid" else "",
        encrypted_with="A256GCM" if name == "digid" else "",
    )
    where = {
        "base_url": f"https://{name}.beeldpas.test:8443",
        "host": "0.0.0.0",  # noqa: S104  (inside its container)
        "port": 8000,
        "tls_cert": "/run/secrets/tls.pem",
        "tls_key": "/run/secrets/tls.key",
        "jwks": own.as_dict(private=True),
    }
    _secret(f"issuer_{name}", json.dumps(SIGN_INS[name](client) | where))


def _keys(name: str, make: Callable[[], Key]) -> KeySet:
    file = SECRETS / name
    if not file.exists():
        file.write_text(json.dumps(KeySet([make()]).as_dict(private=True)))
    return load_keys(file)


def _secret(name: str, value: str) -> str:
    """Write a secret unless it is there; returns what is there."""
    file = SECRETS / name
    if not file.exists():
        file.write_text(value)
    return file.read_text()


def _owner() -> None:
    """Say as whom the containers run: who made the files, or the user of the images when root did."""
    user, group = (os.getuid(), os.getgid()) if os.getuid() else (IMAGE_USER, IMAGE_USER)
    (STATE / "compose.env").write_text(f"BEELDPAS_UID={user}\nBEELDPAS_GID={group}\n")
    if os.getuid() == 0:
        for path in (STATE, *STATE.rglob("*")):
            os.chown(path, user, group)


if __name__ == "__main__":
    prepare()
    print(f"Ready below {STATE}. For the hosts file of this machine:\n  127.0.0.1 {' '.join(HOSTS)}")  # noqa: T201
