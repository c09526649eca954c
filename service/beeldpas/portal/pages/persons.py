"""Whose the images say they are: read out of the images by the hospital, written as people write it.

*Source:* DICOM PS3.5 §6.2.1 (person names), PS3.3 C.7.1.1 (patient module).
"""

from collections.abc import Iterable
from dataclasses import dataclass

from beeldpas.portal.registries.held import Identity
from beeldpas.portal.words.voice import Voice


@dataclass(frozen=True, slots=True)
class IdentityLine:
    """One identity as a page prints it."""

    name: str
    birth_date: str
    sex: str
    number: str
    hospital: str


def identity_lines(say: Voice, said: Iterable[tuple[str, Identity]]) -> tuple[IdentityLine, ...]:
    """Return the different identities that hospitals gave, usually one per hospital."""
    lines = {
        IdentityLine(
            readable_name(identity.name),
            say.date(identity.birth_date),
            say.t(f"sex.{identity.sex}" if identity.sex in ("F", "M", "O") else "sex.unknown"),
            identity.patient_id,
            hospital,
        )
        for hospital, identity in said
    }
    return tuple(sorted(lines, key=lambda line: (line.hospital, line.name, line.number)))


def readable_name(dicom_name: str) -> str:
    """Write family^given^middle^prefix^suffix as people do, in its first (alphabetic) form."""
    parts = [*dicom_name.split("=")[0].split("^"), "", "", "", ""]
    family, given, middle, prefix, suffix = parts[:5]
    return " ".join(part.strip() for part in (given, middle, prefix, family, suffix) if part.strip())
