"""The made-up people of the demo: patients, care providers and helpdesk staff.

Every citizen service number passes the eleven-test and is published as a test number. Nobody here exists.
*Source:* netherlands.md §1.5 (BSN), §4.4 (care providers' relations).
"""

from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Final

from beeldpas.domain.bsn import BSN


@dataclass(frozen=True, slots=True)
class Patient:
    """Somebody with a BSN, and the local numbers under which hospitals know them (gateway id → number)."""

    id: str
    family: str
    given: str
    prefix: str
    birth_date: date
    sex: str
    bsn: BSN
    numbers: MappingProxyType[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def name(self) -> str:
        """The name as people write it."""
        return " ".join(part for part in (self.given, self.prefix, self.family) if part)

    @property
    def dicom_name(self) -> str:
        """The name as a modality writes it: family^given^middle^prefix."""
        return f"{self.family}^{self.given}^^{self.prefix}".rstrip("^")


@dataclass(frozen=True, slots=True)
class StandingIn:
    """Somebody who signs in for another person: on what ground, and what the service knows of that person.

    `about`: how the sign-in page says it, in Dutch and English.
    """

    id: str
    person: Patient
    bsn: BSN
    relation: str
    birth_date: date
    given: str
    about: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Relation:
    """A care provider works here, in these roles."""

    ura: str
    entity_name: str
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Provider:
    """A care provider with a professional number; a `card` of kind M goes round among colleagues."""

    id: str
    name: str
    uzi_id: str
    relations: tuple[Relation, ...]
    card: str = "Z"


@dataclass(frozen=True, slots=True)
class Staff:
    """Somebody at the service itself."""

    id: str
    name: str
    roles: tuple[str, ...]


def _numbers(**numbers: str) -> MappingProxyType[str, str]:
    return MappingProxyType(numbers)


# fmt: off
ANNA: Final = Patient("anna", "Jansen", "Anna", "", date(1952, 3, 8), "F", BSN.parse("999990019"),
                      _numbers(noord="N-104482", west="0071993", zuid="ZD88120", oost="O-2201"))
BRAM: Final = Patient("bram", "Bakker", "Bram", "", date(1985, 11, 2), "M", BSN.parse("999993653"),
                      _numbers(noord="N-118207", west="0080345", oost="O-3417"))
CEES: Final = Patient("cees", "Vries", "Cees", "de", date(1970, 6, 21), "M", BSN.parse("950000012"))
DINA: Final = Patient("dina", "Amrani", "Dina", "el", date(1991, 9, 30), "F", BSN.parse("999991772"),
                      _numbers(west="0091118", zuid="ZD90417"))
EMIL: Final = Patient("emil", "Visser", "Emil", "", date(1948, 1, 17), "M", BSN.parse("999991796"),
                      _numbers(zuid="ZD70001"))
FENNA: Final = Patient("fenna", "Smit", "Fenna", "", date(2018, 5, 5), "F", BSN.parse("999990123"),
                       _numbers(noord="N-130002"))
PATIENTS: Final = (ANNA, BRAM, CEES, DINA, EMIL, FENNA)
STANDING_IN: Final = (
    StandingIn("dina-for-fenna", DINA, FENNA.bsn, "parent", FENNA.birth_date, "Fenna",
               ("voor haar kind Fenna", "for her child Fenna")),
    # Refused: of 13, so nobody looks for him. His number is never used.
    StandingIn("dina-for-sem", DINA, CEES.bsn, "parent", date(date.today().year - 13, 1, 1), "Sem",  # noqa: DTZ011
               ("voor haar kind Sem van 13", "for her child Sem of 13")),
    StandingIn("bram-for-anna", BRAM, ANNA.bsn, "mandate", ANNA.birth_date, "Anna",
               ("met een machtiging van Anna", "with an authorisation by Anna")),
)
# fmt: on

DEKKER: Final = Provider(
    "dekker", "Dr. D. Dekker", "900011101", (Relation("90000201", "Kliniek De Linde", ("01.015",)),)
)
EVERS: Final = Provider(
    "evers",
    "Dr. E. Evers",
    "900011102",
    (
        Relation("90000202", "Ziekenhuis Oost", ("01.062",)),
        Relation("90000203", "Praktijk Oosterpark", ("01.015",)),
    ),
)
PROVIDERS: Final = (DEKKER, EVERS)
COUNTER: Final = Provider(
    "counter",
    "Balie (pas zonder naam)",
    "900011199",
    (Relation("90000201", "Kliniek De Linde", ("01.015",)),),
    card="M",
)

FATIMA: Final = Staff("fatima", "Fatima", ("helpdesk",))
GERRIT: Final = Staff("gerrit", "Gerrit", ("auditor",))
HANNA: Final = Staff("hanna", "Hanna", ("helpdesk", "helpdesk_lead"))
SAMIR: Final = Staff("samir", "Samir", ("security",))
STAFF: Final = (FATIMA, HANNA, SAMIR, GERRIT)
