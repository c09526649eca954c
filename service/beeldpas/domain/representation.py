"""Who may look for somebody else: a parent for a child under 12, whoever holds a mandate for somebody of 16 or older.

Of 12 to 15 nobody stands in: child and parents decide together, which no sign-in can show. A birthday begins at
midnight in the Netherlands; who was born on 29 February has it on 1 March in other years (a year of life is then
full). A service may know less than a birth date (a year, or an age): then what is uncertain counts against looking.
*Source:* BW 7:447 and 7:465 (medical treatment of minors); netherlands.md §1.6 (BVD, DigiD Machtigen, MedMij).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Self

from beeldpas.domain.errors import Malformed

DECIDES_TOO, DECIDES_ALONE = 12, 16
_OLDEST = 130


class Relation(StrEnum):
    """On what ground somebody stands in for a patient."""

    PARENT = "parent"
    MANDATE = "mandate"


class AgeClass(StrEnum):
    """The three ages at which Dutch care law tells other people apart."""

    CHILD = "under_12"
    YOUTH = "12_to_15"
    ADULT = "16_or_older"


_REFUSALS: Mapping[tuple[Relation, AgeClass], str] = MappingProxyType(
    {
        (Relation.PARENT, AgeClass.YOUTH): "rep_child_12_15",
        (Relation.PARENT, AgeClass.ADULT): "rep_child_16",
        (Relation.MANDATE, AgeClass.CHILD): "rep_mandate_too_young",
        (Relation.MANDATE, AgeClass.YOUTH): "rep_mandate_too_young",
    }
)


@dataclass(frozen=True, slots=True)
class Born:
    """When somebody was born, as far as it is known: not before `earliest`, not after `latest`."""

    earliest: date
    latest: date

    @classmethod
    def on(cls, day: date) -> Self:
        """Born on this very day."""
        return cls(day, day)

    @classmethod
    def in_year(cls, year: int) -> Self:
        """Born some time in this year. Raises: Malformed("age")."""
        if not 1 <= year <= 9999:
            raise Malformed("age")
        return cls(date(year, 1, 1), date(year, 12, 31))

    @classmethod
    def aged(cls, years: int, today: date) -> Self:
        """Born so that the age is this many full years today. Raises: Malformed("age") for an age nobody has."""
        if not 0 <= years <= _OLDEST:
            raise Malformed("age")
        return cls(_years_before(today, years + 1) + timedelta(days=1), _years_before(today, years))

    @property
    def day(self) -> date | None:
        """The very day, where it is known."""
        return self.earliest if self.earliest == self.latest else None

    def age_class(self, today: date) -> AgeClass | None:
        """Return the age class today; None when what is known allows more than one, or lies in the future."""
        if self.latest > today:
            return None
        oldest, youngest = (_class_of(age_on(born, today)) for born in (self.earliest, self.latest))
        return oldest if oldest == youngest else None


def birthday(born: date, age: int) -> date:
    """Return the day on which somebody reaches an age."""
    try:
        return born.replace(year=born.year + age)
    except ValueError:  # 29 February, in a year without one
        return date(born.year + age, 3, 1)


def age_on(born: date, today: date) -> int:
    """Return the age in full years; negative before birth."""
    years = today.year - born.year
    return years if birthday(born, years) <= today else years - 1


def refusal(relation: Relation, born: Born, today: date) -> str | None:
    """Return the key of the state that says why this relation does not hold today; None when it does."""
    age_class = born.age_class(today)
    return "rep_age_unknown" if age_class is None else _REFUSALS.get((relation, age_class))


def holds_until(relation: Relation, born: Born) -> date | None:
    """Return the first day on which a relation that holds now may not hold any more; None when age ends it never."""
    return birthday(born.earliest, DECIDES_TOO) if relation is Relation.PARENT else None


def _class_of(age: int) -> AgeClass:
    if age < DECIDES_TOO:
        return AgeClass.CHILD
    return AgeClass.YOUTH if age < DECIDES_ALONE else AgeClass.ADULT


def _years_before(day: date, years: int) -> date:
    """Return the latest day of birth of somebody who is this many full years old."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return date(day.year - years, 2, 28)
