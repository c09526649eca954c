"""The people and places that every test tells its story with."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from beeldpas.domain.bsn import BSN

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody made up, whose number passes the eleven-test."""

    name: str
    bsn: BSN
    birth_date: date
    sex: str


@dataclass(frozen=True, slots=True)
class Organisation:
    """A hospital of the story; `gateway_id` is its short name in the directory."""

    gateway_id: str
    name: str
    ura: str


# Anna has the scans; Bram is a stranger with scans of his own; Cees never had any.
ANNA = Person("Jansen^Anna", BSN.parse("999990019"), date(1952, 3, 8), "F")
BRAM = Person("Bakker^Bram", BSN.parse("999993653"), date(1985, 11, 2), "M")
CEES = Person("de Vries^Cees", BSN.parse("950000012"), date(1970, 6, 21), "M")

NOORD = Organisation("noord", "Ziekenhuis Noord", "90000101")
WEST = Organisation("west", "Ziekenhuis West", "90000102")
ZUID = Organisation("zuid", "Ziekenhuis Zuid", "90000103")

# Dr. Dekker gives the second opinion; Dr. Evers works elsewhere; Fatima answers the helpdesk's phone.
DEKKER = ("Dr. D. Dekker", "Kliniek De Linde", "90000201")
EVERS = ("Dr. E. Evers", "Ziekenhuis Oost", "90000202")
FATIMA = ("Fatima", "Helpdesk", None)
