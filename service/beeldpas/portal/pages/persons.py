"""Whose the images say they are: read out of the images by the hospital, written as people write it.

*Source:* DICOM PS3.5 §6.2.1 (person names), PS3.3 C.7.1.1 (patient module).
"""

from collections.abc import Iterable
from dataclasses import dataclass

from beeldpas.portal.registries.held import Identity
from beeldpas.portal.words.voice import Voice


@dataclass(frozen=True, slots=True)
class IdentityLine:
    """One person as a page prints them, with their number at each hospital."""

    name: str
    birth_date: str
    sex: str
    numbers: tuple[tuple[str, str], ...]


def identity_lines(say: Voice, said: Iterable[tuple[str, Identity]]) -> tuple[IdentityLine, ...]:
    """Return the different persons that hospitals named: one, or something is wrong."""
    persons: dict[tuple[str, str, str], dict[tuple[str, str], None]] = {}
    for hospital, identity in said:
        sex = say.t(f"sex.{identity.sex}" if identity.sex in ("F", "M", "O") else "sex.unknown")
        person = (readable_name(identity.name), say.date(identity.birth_date), sex)
        persons.setdefault(person, {})[hospital, identity.patient_id] = None
    return tuple(IdentityLine(*person, tuple(sorted(numbers))) for person, numbers in persons.items())


def readable_name(dicom_name: str) -> str:
    """Write family^given^middle^prefix^suffix as people do, in its first (alphabetic) form."""
    parts = [*dicom_name.split("=")[0].split("^"), "", "", "", ""]
    family, given, middle, prefix, suffix = parts[:5]
    return " ".join(part.strip() for part in (given, middle, prefix, family, suffix) if part.strip())
