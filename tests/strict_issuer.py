"""The demo's issuer, certified provider software, in a process of its own, and the portal as its client."""

from __future__ import annotations

import json
import ssl
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

from joserfc.jwk import KeySet, RSAKey

from beeldpas.demo.certificates import Certificates
from beeldpas.demo.check.browser import Browser
from beeldpas.demo.issuers import PROGRAM, Client, Json
from beeldpas.demo.processes import free_ports
from beeldpas.formats.jose import load_keys, public_jwks
from beeldpas.keys import write_new_keys
from beeldpas.portal.identity.relying_party import Begun, RelyingParty
from beeldpas.portal.settings import IssuerSettings

PORTAL = "http://portal.localhost:9"
CLIENT_ID = "beeldpas-portal"


@dataclass(frozen=True)
class Agreement:
    """What provider and portal agreed: how userinfo comes, who proves what how, whether requests are pushed."""

    signed_by: str = ""
    encrypted_with: str = ""
    assertions_by: str = "PS256"
    pushed: str = "offered"
    portal: Mapping[str, Any] = field(default_factory=dict)


PLAIN = Agreement()
SIGNED = Agreement(signed_by="PS256", portal={"userinfo": "signed", "signature_algorithms": ("PS256",)})
NL_GOV = Agreement(
    signed_by="PS256",
    encrypted_with="A256GCM",
    pushed="required",
    portal={
        "userinfo": "encrypted",
        "assertion_audience": "issuer",
        "signature_algorithms": ("PS256",),
        "acr_values": ("http://eidas.europa.eu/LoA/substantial",),
    },
)
MAX = Agreement(
    signed_by="RS256",
    encrypted_with="A128CBC-HS256",
    assertions_by="RS256",
    pushed="none",
    portal={
        "userinfo": "encrypted",
        "content_encryption": "A128CBC-HS256",
        "assertion_algorithm": "RS256",
        "signature_algorithms": ("RS256",),
    },
)


@dataclass
class Issuer:
    """A provider in a process of its own, and the portal as its client."""

    name: str
    settings: IssuerSettings

    def party(self, *, stand_ins: bool = True, **changes: object) -> RelyingParty:
        """The relying party, with other settings than the provider knows if the test wants that."""
        settings = self.settings.model_copy(update=changes)
        clock = lambda: datetime.now(UTC)  # noqa: E731  (the only thing it does)
        return RelyingParty(self.name, settings, base_url=PORTAL, clock=clock, stand_ins=stand_ins)


@contextmanager
def running_issuer(
    kind: Callable[[Client], Json],
    name: str,
    folder: Path,
    agreement: Agreement = PLAIN,
    certificates: Certificates | None = None,
) -> Iterator[Issuer]:
    """Give the provider of this kind while it runs, at `digid.localhost`; with certificates at `digid.example`."""
    key_file, port = folder / "client.jwks.json", free_ports(1)[0]
    write_new_keys(key_file, "client-1", rsa=True)
    host = f"{name}.example" if certificates else f"{name}.localhost"
    base_url = f"{'https' if certificates else 'http'}://{host}:{port}"
    client = Client(
        CLIENT_ID,
        f"{PORTAL}/callback/{name}",
        _published(key_file, agreement.assertions_by),
        signed_by=agreement.signed_by,
        encrypted_with=agreement.encrypted_with,
        assertions_by=agreement.assertions_by,
    )
    signing = RSAKey.generate_key(2048, {"kid": f"{name}-1", "use": "sig"})
    config = kind(client) | {
        "base_url": base_url,
        "port": port,
        "pushed_requests": agreement.pushed,
        "jwks": KeySet([signing]).as_dict(private=True),
    }
    if certificates:
        config |= {"tls_cert": str(certificates.cert(host)), "tls_key": str(certificates.key(host))}
    (folder / "config.json").write_text(json.dumps(config))
    process = subprocess.Popen(
        ["node", str(PROGRAM), str(folder / "config.json")],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    try:
        assert any("issuer_ready" in line for line in process.stdout)
        known = {"issuer": base_url, "client_id": CLIENT_ID, "key_file": key_file}
        yield Issuer(name, IssuerSettings.model_validate(known | dict(agreement.portal)))
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()


async def sign_in(begun: Begun, **fields: str) -> dict[str, str]:
    """Act as the browser at the provider; returns the answer that it brings back to the portal."""
    async with Browser(ssl.create_default_context()) as browser:
        page = await browser.open(begun.url)
        answer = await browser.send("POST", page.url, data=fields)
        while not (place := urljoin(begun.url, answer.headers["location"])).startswith(PORTAL):
            answer = await browser.send("GET", place)
        return dict(parse_qsl(urlsplit(place).query))


async def way_back_from(address: str) -> str:
    """Act as the browser that signs out at the provider; returns where it is sent."""
    async with Browser(ssl.create_default_context()) as browser:
        return str((await browser.send("GET", address)).headers["location"])


def _published(key_file: Path, algorithm: str) -> dict[str, object]:
    """The client's one key, as an administrator registers it: for signatures and for encryption."""
    (key,) = public_jwks(load_keys(key_file))["keys"]
    return {
        "keys": [
            {**key, "use": "sig", "alg": algorithm},
            {**key, "use": "enc", "alg": "RSA-OAEP", "kid": "client-1-enc"},
        ]
    }
