"""Why the helpdesk stops or pauses a share, on what ground, and what an agent may write about it."""

import re
from dataclasses import dataclass
from typing import Final

from beeldpas.domain.errors import Malformed

REASONS: Final = ("asked", "lost", "other_had_code", "checking", "hospital_asked")
# Why all that an organisation or a care provider holds is stopped: no patient asked for that, and no letter is lost.
BULK_REASONS: Final = ("account_misused", "organisation_asked", "checking", "hospital_asked")
CALL_CODE, CALL_BACK, INCIDENT = "call_code", "call_back", "incident"
# Whose number was called back. A number that only the caller gave proves nothing: it is enough to pause, not to stop.
NUMBERS_FROM: Final = ("hospital", "gp", "caller")
LONGEST_NOTE: Final = 300
_INCIDENT = re.compile(r"[A-Z0-9][A-Z0-9-]{2,19}")
# Six digits can be a PIN, eight or nine a BSN, a birth date, a telephone number: none of them belongs in a note.
_NUMBER = re.compile(r"\d(?:[\s./\\-]?\d){5,}")


@dataclass(frozen=True, slots=True)
class Ground:
    """What a final stop rests on; the empty kind is none. `number_from` and `incident` belong to one kind each."""

    kind: str = ""
    number_from: str = ""
    incident: str = ""

    @classmethod
    def parse(cls, kind: str, *, called_back: bool, number_from: str, incident: str) -> "Ground":
        """Read the form. What does not hold together is no ground.

        Raises: Malformed("incident_format") for a number that no incident has.
        """
        if kind == CALL_CODE:
            return cls(CALL_CODE)
        if kind == CALL_BACK and called_back and number_from in NUMBERS_FROM[:-1]:
            return cls(CALL_BACK, number_from=number_from)
        if kind == INCIDENT and incident.strip():
            return cls(INCIDENT, incident=parse_incident(incident))
        return cls()

    def as_details(self) -> dict[str, str]:
        """Return what the log says of it."""
        told = {"ground": self.kind, "number_from": self.number_from, "incident": self.incident}
        return {name: value for name, value in told.items() if value}


def parse_incident(text: str) -> str:
    """Read the number under which an incident was recorded. Raises: Malformed("incident_format")."""
    number = "".join(text.split()).upper()
    if not _INCIDENT.fullmatch(number):
        raise Malformed("incident_format")
    return number


def parse_note(text: str) -> str:
    """Return an agent's note on one line.

    Raises: Malformed("note_too_long" {n}); Malformed("note_personal") for a number of six digits or more, or an
    address: whatever it is, it says who somebody is or opens something.
    """
    note = " ".join(text.split())
    if len(note) > LONGEST_NOTE:
        raise Malformed("note_too_long", {"n": LONGEST_NOTE})
    if _NUMBER.search(note) or "@" in note:
        raise Malformed("note_personal")
    return note
