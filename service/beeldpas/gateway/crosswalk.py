"""The crosswalk: which patient a hospital's own number belongs to, from the hospital's master data.

A DICOM patient number is local. What cannot be mapped for certain is never published: a number that two patients
claim is disputed until the master data says otherwise, and a study whose header contradicts it is withheld.

CSV columns: issuer, local_number, bsn, birth_date (YYYY-MM-DD), name (DICOM form), sex, merged_into.
"""

import csv
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import TextIO

from beeldpas.domain.bsn import BSN
from beeldpas.domain.errors import Malformed
from beeldpas.formats.dicom import Identity

COLUMNS = ("issuer", "local_number", "bsn", "birth_date", "name", "sex", "merged_into")
_LONGEST_CHAIN = 20
Number = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Patient:
    """Whose a local number is. `bsn` None: unknown, or claimed by two patients (`disputed`)."""

    issuer: str
    local_number: str
    bsn: BSN | None
    birth_date: date | None
    name: str
    sex: str
    merged_into: str = ""
    disputed: bool = False

    @property
    def number(self) -> Number:
        """The number with who gave it out."""
        return self.issuer, self.local_number


@dataclass(frozen=True, slots=True)
class Fault:
    """A line that could not be used, and why; `line` counts from 1, the heading included."""

    line: int
    reason: str


def read_csv(file: TextIO) -> tuple[dict[Number, Patient], tuple[Fault, ...]]:
    """Read a crosswalk: the patients by number, and the lines that were left out.

    Two lines that give one number to two patients make it disputed and are both reported.
    Raises: Malformed("crosswalk_columns") when the heading lacks a column.
    """
    rows = csv.DictReader(file)
    if not set(COLUMNS) <= set(rows.fieldnames or ()):
        raise Malformed("crosswalk_columns")
    patients: dict[Number, Patient] = {}
    faults: list[Fault] = []
    for row in rows:
        try:
            found = _patient(row)
        except Malformed as error:
            faults.append(Fault(rows.line_num, error.reason))
            continue
        known = patients.get(found.number)
        if known is not None and _is_another(known, found):
            found = replace(known, bsn=None, disputed=True)
            faults.append(Fault(rows.line_num, "two_patients_one_number"))
        patients[found.number] = found
    return patients, tuple(faults)


def _patient(row: Mapping[str, str | None]) -> Patient:
    value = {name: (row.get(name) or "").strip() for name in COLUMNS}
    if not value["issuer"] or not value["local_number"]:
        raise Malformed("crosswalk_number")
    if not value["bsn"] and not value["merged_into"]:
        raise Malformed("crosswalk_bsn")
    try:
        born = date.fromisoformat(value["birth_date"]) if value["birth_date"] else None
    except ValueError as error:
        raise Malformed("crosswalk_birth_date") from error
    return Patient(
        issuer=value["issuer"],
        local_number=value["local_number"],
        bsn=BSN.parse(value["bsn"]) if value["bsn"] else None,
        birth_date=born,
        name=value["name"],
        sex=value["sex"].upper()[:1],
        merged_into=value["merged_into"],
    )


def _is_another(known: Patient, found: Patient) -> bool:
    """Say whether two lines about one number speak of two people (a disputed number stays so)."""
    return known.disputed or (known.bsn, known.merged_into) != (found.bsn, found.merged_into)


def combine(
    known: Mapping[Number, Patient], new: Mapping[Number, Patient], *, correct: bool
) -> dict[Number, Patient]:
    """Return what changes when new master data comes in.

    A number that was another patient's becomes disputed, unless the import says that it corrects what was there.
    """
    changed = {}
    for number, found in new.items():
        before = known.get(number)
        clash = before is not None and not correct and _belongs_to_another(before, found)
        after = replace(found, bsn=None, disputed=True) if clash else found
        if after != before:
            changed[number] = after
    return changed


def _belongs_to_another(before: Patient, found: Patient) -> bool:
    if before.disputed:
        return True
    if found.merged_into:
        return False
    return before.bsn is not None and before.bsn != found.bsn


def survivor(patients: Mapping[Number, Patient], number: Number) -> Patient | None:
    """Follow merges to the patient that a number belongs to now; None when it leads nowhere or in a circle."""
    found = patients.get(number)
    for _ in range(_LONGEST_CHAIN):
        if found is None or not found.merged_into:
            return found
        found = patients.get((found.issuer, found.merged_into))
    return None


def reason_to_withhold(patients: Mapping[Number, Patient], number: Number, header: Identity, mixed: bool) -> str:
    """Say why a study must not be published; "" when nothing speaks against it.

    The header may be silent about birth date, name or sex; it may not contradict the master data.
    `mixed` is a study whose files name different patients.
    """
    if mixed:
        return "two_patients_in_study"
    own, patient = patients.get(number), survivor(patients, number)
    if own is None or patient is None:
        return "unmapped"
    if own.disputed or patient.disputed:
        return "two_patients_one_number"
    if patient.bsn is None:
        return "unmapped"
    return _contradiction(patient, header)


def _contradiction(patient: Patient, header: Identity) -> str:
    if patient.birth_date and header.birth_date and patient.birth_date != header.birth_date:
        return "birth_date_differs"
    if {patient.sex, header.sex.upper()} == {"M", "F"}:
        return "sex_differs"
    ours, theirs = _words(patient.name), _words(header.name)
    return "name_differs" if ours and theirs and not _share_a_name(ours, theirs) else ""


def _words(name: str) -> frozenset[str]:
    """Return the words of a family name, without accents or case; the whole name when it has no parts."""
    family = name.partition("=")[0].partition("^")[0]
    plain = unicodedata.normalize("NFKD", family).casefold()
    letters = "".join(char for char in plain if not unicodedata.combining(char))
    return frozenset(re.findall(r"[^\W\d_]{2,}", letters))


def _share_a_name(ours: Iterable[str], theirs: Iterable[str]) -> bool:
    """Say whether a word that is no mere prefix ("van", "de") occurs in both."""
    prefixes = {"van", "de", "den", "der", "het", "ten", "ter", "te", "von", "la", "le", "el", "al", "bin"}
    ours, theirs = set(ours), set(theirs)
    return bool((ours & theirs) - prefixes) or ours == theirs
