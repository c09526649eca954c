"""For whom a visit looks when not for the visitor: kept in the session, told to policies and log, said on every page.

The session holds the patient's number and of the visitor only a pseudonym. Nobody is told the patient's name, so what
the service gave is shown as far as a parent of two needs it: a first name, the month or year of birth, or the age.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any, Self

from beeldpas.domain.representation import Born, Relation, age_on, holds_until
from beeldpas.domain.share import HERE
from beeldpas.portal.identity.representation import Represented
from beeldpas.portal.words.voice import Voice

_KEY = "for"


@dataclass(frozen=True, slots=True)
class StandingIn:
    """Somebody (`acting`: the pseudonym of who signed in) looks for the patient on this ground."""

    acting: str
    relation: Relation
    born: Born
    name: str

    @classmethod
    def begun(cls, represented: Represented, acting: str) -> Self:
        """Take over what the sign-in said."""
        return cls(acting, represented.relation, represented.born, represented.name)

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Self | None:
        """Read it from a session's values; None when a visitor looks for themselves."""
        kept = values.get(_KEY)
        if kept is None:
            return None
        earliest, latest = (date.fromisoformat(day) for day in kept["born"])
        return cls(kept["acting"], Relation(kept["relation"]), Born(earliest, latest), kept["name"])

    def as_values(self) -> dict[str, Any]:
        """Return what the session keeps of it."""
        born = [self.born.earliest.isoformat(), self.born.latest.isoformat()]
        return {_KEY: {"acting": self.acting, "relation": self.relation, "born": born, "name": self.name}}

    def age_class(self, now: datetime) -> str:
        """Return the patient's age class at this moment, as policies want it; "unknown" when it may be either."""
        return self.born.age_class(today(now)) or "unknown"

    def ends_at(self) -> datetime | None:
        """Return when the ground falls away by age: at the midnight with which that day begins."""
        day = holds_until(self.relation, self.born)
        return datetime.combine(day, time.min, HERE).astimezone(UTC) if day else None

    def words(self, say: Voice, now: datetime) -> str:
        """Say for whom: "U kijkt voor uw kind: Noor, geboren in mei 2018"."""
        known = ", ".join(part for part in (self.name, self._age_words(say, now)) if part)
        return say.t(f"standing_in.{self.relation}", who=known)

    def _age_words(self, say: Voice, now: datetime) -> str:
        earliest, latest = self.born.earliest, self.born.latest
        if earliest == latest:
            return say.t("standing_in.born", when=say.month(earliest))
        if earliest == date(latest.year, 1, 1) and latest == date(latest.year, 12, 31):
            return say.t("standing_in.born", when=str(latest.year))
        return say.count("standing_in.aged", age_on(latest, today(now)))


def today(now: datetime) -> date:
    """Return the day that it is in the Netherlands: birthdays begin there."""
    return now.astimezone(HERE).date()
