"""A demo certificate authority, and a certificate for each host name of the demo.

The authority's private key is never written down; it exists while the certificates are made.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import trustme


@dataclass(frozen=True, slots=True)
class Certificates:
    """Where the authority's certificate and every host's key pair stand."""

    folder: Path

    @property
    def ca_file(self) -> Path:
        """What programs and browsers must trust."""
        return self.folder / "demo-ca.pem"

    def cert(self, host: str) -> Path:
        """The certificate chain of a host."""
        return self.folder / f"{host}.pem"

    def key(self, host: str) -> Path:
        """The private key of a host."""
        return self.folder / f"{host}.key"

    def make(self, hosts: Iterable[str]) -> None:
        """Make the authority and the certificates, unless they are there."""
        missing = [host for host in hosts if not self.cert(host).exists()]
        if not missing and self.ca_file.exists():
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        authority = trustme.CA(organization_name="Beeldpas demo", organization_unit_name="made up, trust nowhere")
        for host in hosts:
            self._issue(authority, host)
        authority.cert_pem.write_to_path(str(self.ca_file))

    def _issue(self, authority: trustme.CA, host: str) -> None:
        leaf = authority.issue_cert(host)
        self.key(host).touch(mode=0o600)
        leaf.private_key_pem.write_to_path(str(self.key(host)))
        self.cert(host).write_bytes(b"".join(blob.bytes() for blob in leaf.cert_chain_pems))
