"""Finding an examination in a long history: by year, kind and hospital, with counts, and a page at a time.

The address holds the choice, so going back, reloading and a bookmark keep it. What is ticked is sent along.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self
from urllib.parse import parse_qsl, urlencode

from beeldpas.domain.study import Study
from beeldpas.portal.words import codes

PAGE = 30
UNDATED, OTHER = "undated", "other"
_LONGEST, _LONGEST_QUERY = 64, 400


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a filter and how many examinations it would show."""

    value: str
    name: str
    count: int


@dataclass(frozen=True, slots=True)
class TimelineFilter:
    """What the reader wants to see; "" is everything. `page` counts from 1."""

    year: str = ""
    kind: str = ""
    hospital: str = ""
    page: int = 1

    @classmethod
    def read(cls, query: Mapping[str, str]) -> Self:
        """Read the choice from an address; a page that is none is the first."""
        page = query.get("page", "")
        number = int(page) if page.isascii() and page.isdigit() and len(page) < 6 else 1
        year, kind, hospital = (query.get(name, "")[:_LONGEST] for name in ("year", "kind", "hospital"))
        return cls(year, kind, hospital, max(1, number))

    @classmethod
    def asked(cls, form: Mapping[str, Any]) -> Self:
        """Read what a form of the list asks for: what its button names (`show`), or else its three fields."""
        named = form.get("show")
        fields = dict(parse_qsl(named[:_LONGEST_QUERY])) if isinstance(named, str) else form
        return cls.read({name: value for name, value in fields.items() if isinstance(value, str)})

    @property
    def is_set(self) -> bool:
        """Say whether anything was chosen."""
        return bool(self.year or self.kind or self.hospital)

    def query(self, page: int | None = None) -> str:
        """Return the part of an address behind the question mark, of a page of this choice."""
        wanted = {"year": self.year, "kind": self.kind, "hospital": self.hospital}
        number = self.page if page is None else page
        return urlencode(
            {name: value for name, value in wanted.items() if value} | ({"page": number} if number > 1 else {})
        )

    def matches(self, study: Study) -> bool:
        """Say whether an examination is one of those wanted."""
        return (
            self.year in ("", year_of(study))
            and (not self.kind or self.kind in kinds_of(study))
            and (not self.hospital or self.hospital in hospitals_of(study))
        )

    def years(self, studies: Iterable[Study]) -> list[Choice]:
        """Return the years to choose from, newest first, each with how many there are beside the other choices."""
        counted = _counted(studies, replace(self, year=""), lambda study: (year_of(study),), self.year)
        return [Choice(value, value, counted[value]) for value in sorted(counted, key=_newest_first)]

    def kinds(self, studies: Iterable[Study]) -> list[Choice]:
        """Return the kinds to choose from, by their code."""
        counted = _counted(studies, replace(self, kind=""), kinds_of, self.kind)
        return [Choice(value, value, counted[value]) for value in sorted(counted)]

    def hospitals(self, studies: Sequence[Study]) -> list[Choice]:
        """Return the hospitals to choose from, by name."""
        names = {holding.gateway_id: holding.hospital for study in studies for holding in study.holdings}
        counted = _counted(studies, replace(self, hospital=""), hospitals_of, self.hospital)
        known = [Choice(value, names[value], counted[value]) for value in counted if value in names]
        return sorted(known, key=lambda choice: (choice.name, choice.value))


@dataclass(frozen=True, slots=True)
class Shown:
    """One page of what was found: `first` and `last` count from 1 among `total`."""

    studies: tuple[Study, ...]
    first: int
    last: int
    total: int
    page: int
    pages: int


def cut(studies: Iterable[Study], chosen: TimelineFilter) -> Shown:
    """Return the page that was asked for of what was chosen; past the end it is the last one."""
    found = [study for study in studies if chosen.matches(study)]
    pages = max(1, -(-len(found) // PAGE))
    page = min(chosen.page, pages)
    part = tuple(found[(page - 1) * PAGE : page * PAGE])
    first = (page - 1) * PAGE + 1
    return Shown(part, first, first + len(part) - 1, len(found), page, pages)


def year_of(study: Study) -> str:
    """Return the year of an examination."""
    return str(study.started.year) if study.started else UNDATED


def kinds_of(study: Study) -> tuple[str, ...]:
    """Return what an examination can be found by: its kinds of images, or else of documents; never technical ones."""
    known = {codes.modality(code) or OTHER: codes.kind(code) for code in study.modalities}
    pictures = sorted(code for code, kind in known.items() if kind in (codes.Kind.IMAGE, codes.Kind.GRAPH))
    documents = sorted(code for code, kind in known.items() if kind is codes.Kind.DOCUMENT)
    return tuple(pictures or documents or [OTHER])


def hospitals_of(study: Study) -> tuple[str, ...]:
    """Return which hospitals hold an examination, by their gateway."""
    return tuple(holding.gateway_id for holding in study.holdings)


def _counted(
    studies: Iterable[Study], others: TimelineFilter, values: Callable[[Study], Iterable[str]], chosen: str
) -> Counter[str]:
    """Count by value, beside the other choices; what is chosen stays in the list also when it shows nothing."""
    counted: Counter[str] = Counter()
    for study in studies:
        if others.matches(study):
            counted.update(set(values(study)))
    if chosen and chosen not in counted:
        counted[chosen] = 0
    return counted


def _newest_first(year: str) -> tuple[bool, str]:
    return (year == UNDATED, "".join(chr(0x10FFFF - ord(sign)) for sign in year))
