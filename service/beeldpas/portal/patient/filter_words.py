"""The filter of the imaging history in words: what can be chosen, and what was."""

from collections.abc import Sequence
from dataclasses import dataclass

from beeldpas.domain.study import Study
from beeldpas.portal.patient.timeline_filter import OTHER, UNDATED, Choice, TimelineFilter
from beeldpas.portal.words.voice import Voice


@dataclass(frozen=True, slots=True)
class FilterField:
    """One field: its name in the address, its label, what is chosen, and (value, words) of all that can be."""

    name: str
    label: str
    chosen: str
    options: tuple[tuple[str, str], ...]


def filter_fields(say: Voice, wanted: TimelineFilter, studies: Sequence[Study]) -> list[FilterField]:
    """Return the three fields, each value with how many examinations it shows beside the other two."""
    t = say.t
    return [
        _field(say, "year", t("filter.year"), wanted.year, wanted.years(studies)),
        _field(say, "kind", t("filter.kind"), wanted.kind, wanted.kinds(studies)),
        _field(say, "hospital", t("filter.hospital"), wanted.hospital, wanted.hospitals(studies)),
    ]


def chosen_words(say: Voice, wanted: TimelineFilter, studies: Sequence[Study]) -> str:
    """Say what was chosen: "2019, Röntgenfoto, Ziekenhuis Noord"; what no examination has is not repeated."""
    names = {choice.value: choice.name for choice in wanted.hospitals(studies)}
    chosen = (
        _name(say, "year", wanted.year, wanted.year),
        _name(say, "kind", wanted.kind, wanted.kind),
        names.get(wanted.hospital, ""),
    )
    return ", ".join(part for part in chosen if part)


def _field(say: Voice, name: str, label: str, chosen: str, choices: Sequence[Choice]) -> FilterField:
    options = [
        (one.value, say.t("filter.option", name=_name(say, name, one.value, one.name), n=say.number(one.count)))
        for one in choices
    ]
    every = ("", say.t("filter.everything"))
    return FilterField(name, label, chosen, (every, *options))


def _name(say: Voice, field: str, value: str, name: str) -> str:
    if field == "kind" and value:
        known = f"modality.{value}.name"
        return say.t("filter.other_kind") if value == OTHER or not say.t.knows(known) else say.t(known)
    if field == "year" and value == UNDATED:
        return say.t("timeline.no_date")
    return name
