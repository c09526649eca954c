"""Whose list it is: the hospital's own keys decide, which the receiver has from somewhere else than the download.

Either a JWK set, as a hospital publishes it, or the directory of hospitals, in which each has keys of its own.
"""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from beeldpas.domain.errors import Malformed, Refused
from beeldpas.formats.hospitals import Hospital, read_hospitals
from beeldpas.formats.jose import load_keys
from beeldpas.formats.manifest import read_manifest
from beeldpas.receiver.listing import Listing


class Signature(StrEnum):
    """What is known of a list's signature."""

    VALID = "valid"
    INVALID = "invalid"
    UNKNOWN_HOSPITAL = "unknown_hospital"
    UNCHECKED = "unchecked"


_UNREADABLE = (OSError, ValueError, KeyError, TypeError, AttributeError, JoseError, Malformed)


@dataclass(frozen=True, slots=True)
class Trust:
    """Keys that the receiver brings along: of one hospital, or of each in a directory."""

    keys: KeySet | None = None
    hospitals: tuple[Hospital, ...] = ()

    @classmethod
    def read(cls, file: Path) -> "Trust":
        """Read a JWK set (JSON) or a directory of hospitals (TOML). Raises: Malformed("keys")."""
        try:
            return cls(hospitals=read_hospitals(file)) if file.suffix.lower() == ".toml" else cls(load_keys(file))
        except _UNREADABLE as error:
            raise Malformed("keys") from error

    def judge(self, manifest: bytes, listing: Listing) -> tuple[Signature, Hospital | None]:
        """Say what the signature of a list is worth, and whose it is by the directory. Raises: Malformed("keys")."""
        hospital = next((one for one in self.hospitals if one.base_url == listing.url.rstrip("/")), None)
        keys = self.keys if hospital is None else Trust.read(hospital.jwks_file).keys
        if keys is None:
            return (Signature.UNKNOWN_HOSPITAL if self.hospitals else Signature.UNCHECKED), None
        try:
            read_manifest(manifest, keys)
        except (Refused, Malformed):
            return Signature.INVALID, hospital
        return Signature.VALID, hospital
