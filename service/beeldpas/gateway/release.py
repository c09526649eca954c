"""What a hospital keeps back and from whom, as conditions of statements: what is kept back is not looked for.

So it is in no list, no count and no reference, and the answer about it is that about what never was.
*Source:* docs/decisions/0041-release-rules.md; EHDS (Regulation (EU) 2025/327) art. 3 (delay of access), art. 8.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Self

from sqlalchemy import ColumnElement, and_, exists, not_, or_

from beeldpas.domain.share import HERE
from beeldpas.gateway.store.release import release_rule as table
from beeldpas.gateway.store.tables import instance

_DOCUMENTS = ("1.2.840.10008.5.1.4.1.1.88.%", "1.2.840.10008.5.1.4.1.1.104.%")
DOCUMENT_MODALITIES = frozenset({"SR", "DOC", "KO"})


class Rule(StrEnum):
    """What is kept back: reports until a day (told, or without a trace), or a study from some or from all.

    `doubted` is a study that other hospitals contradict about whose it is.
    """

    EMBARGO = "embargo"
    ANNOUNCED = "announced"
    REPRESENTATIVES = "representatives"
    EVERYBODY = "everybody"
    DOUBTED = "doubted"


EMBARGOES = (Rule.EMBARGO, Rule.ANNOUNCED)


@dataclass(frozen=True, slots=True)
class Onlooker:
    """For whom something is looked up, as far as rules tell people apart.

    `day` is the day in the Netherlands; `stands_in` is true of a patient's representative, and of whoever comes with
    what a representative gave.
    """

    day: date
    stands_in: bool

    @classmethod
    def at(cls, moment: datetime, *, stands_in: bool) -> Self:
        """Who looks at this moment."""
        return cls(moment.astimezone(HERE).date(), stands_in)


def is_released(uid: ColumnElement[str], onlooker: Onlooker, generation: int | None = None) -> ColumnElement[bool]:
    """Say that a study is not kept back from whoever looks, by the rules of that generation (now, when None)."""
    kinds = _of_studies(onlooker)
    return not_(exists().where(table.c.study_uid == uid, table.c.kind.in_(kinds), in_force(generation)))


def _of_studies(onlooker: Onlooker) -> list[Rule]:
    """The rules that keep a whole study from whoever looks."""
    return [Rule.EVERYBODY, Rule.DOUBTED, *([Rule.REPRESENTATIVES] if onlooker.stands_in else [])]


def may_leave(onlooker: Onlooker, generation: int | None = None) -> ColumnElement[bool]:
    """Say that an instance is no report, or none under embargo, by the rules of that generation (now, when None)."""
    is_document = or_(*(instance.c.sop_class.like(kind) for kind in _DOCUMENTS))
    return or_(not_(is_document), not_(under_embargo(instance.c.study_uid, onlooker.day, generation)))


def under_embargo(uid: ColumnElement[str], day: date, generation: int | None = None) -> ColumnElement[bool]:
    """Say that the reports of a study are kept back on a day."""
    kinds, until = table.c.kind.in_(EMBARGOES), table.c.until
    return exists().where(table.c.study_uid == uid, kinds, until > day, in_force(generation))


def in_force(generation: int | None = None) -> ColumnElement[bool]:
    """Say that a rule holds in a generation (now, when None)."""
    if generation is None:
        return table.c.gone.is_(None)
    return and_(table.c.born <= generation, or_(table.c.gone.is_(None), table.c.gone > generation))


def has_come_for(onlooker: Onlooker, generation: int) -> ColumnElement[bool]:
    """Say that a rule came after a generation and keeps something back from whoever looks."""
    of_all = _of_studies(onlooker)
    lasts = and_(table.c.kind.in_(EMBARGOES), table.c.until > onlooker.day)
    return and_(table.c.born > generation, table.c.gone.is_(None), or_(table.c.kind.in_(of_all), lasts))
