"""What templates and letters speak with: one language's texts, titles, dates and sizes in one place."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from beeldpas.domain.share import end_after
from beeldpas.portal.words import amounts, codes, titles
from beeldpas.portal.words.catalogue import Direction, Translator


class SeriesLike(Protocol):
    """A series with its kind and size."""

    @property
    def modality(self) -> str: ...
    @property
    def instances(self) -> int | None: ...


@dataclass(frozen=True, slots=True)
class Voice:
    """Says things to one reader; `t` gives a text by its key, the rest says values in that language."""

    t: Translator

    @property
    def language(self) -> str:
        """The language that is spoken, as `lang` wants it; also what is kept, sent on and agreed to."""
        return self.t.language

    @property
    def catalogue(self) -> str:
        """What stands in the address of a page in these texts."""
        return self.t.catalogue

    @property
    def direction(self) -> Direction:
        """The direction of writing, as `dir` wants it."""
        return self.t.direction

    def title(self, study: titles.Titled) -> str:
        """Name an examination: "CT-scan van de buik"."""
        return titles.study_title(self.t, study)

    def kinds(self, modalities: Iterable[str]) -> str:
        """Name kinds of examination only."""
        return titles.kinds_name(self.t, modalities)

    def kinds_among(self, studies: Iterable[titles.Titled]) -> list[str]:
        """Return the codes of the kinds that these examinations are of, each once: for what explains them."""
        known = {code for study in studies for each in study.modalities if (code := codes.modality(each))}
        return sorted(filter(self.is_picture, known), key=codes.naming_order)

    def is_picture(self, modality: str) -> bool:
        """Say whether a series is something to look at (documents and technical objects are not)."""
        return codes.kind(modality) in (codes.Kind.IMAGE, codes.Kind.GRAPH)

    def images(self, series: Iterable[SeriesLike]) -> int:
        """Count the pictures of these series; reports and technical objects are counted apart."""
        return sum(one.instances or 0 for one in series if self.is_picture(one.modality))

    def month(self, day: date) -> str:
        """Say a month of a year."""
        return amounts.month(self.language, day)

    def short_date(self, moment: date | datetime | None) -> str:
        """Say a day in the few letters of a table."""
        return self.t("date.unknown") if moment is None else amounts.short_date(self.language, moment)

    def date(self, moment: date | datetime | None) -> str:
        """Say a day; an unknown one is said to be unknown."""
        return self.t("date.unknown") if moment is None else amounts.long_date(self.language, moment)

    def time(self, moment: datetime) -> str:
        """Say a time of day in the Netherlands: "14.02 uur", "14:02"."""
        hours, minutes = amounts.clock_time(moment)
        return self.t("date.time", hours=hours, minutes=minutes)

    def moment(self, moment: datetime) -> str:
        """Say day and time."""
        return self.t("date.moment", date=self.date(moment), time=self.time(moment))

    def last_day(self, end: datetime) -> str:
        """Say the last day on which something that ends then can be used."""
        return amounts.last_day(self.language, end)

    def days_from(self, now: datetime, days: int) -> str:
        """Say the day that is so many days from now."""
        return amounts.last_day(self.language, end_after(now, days))

    def number(self, value: int) -> str:
        """Say a number with its separators."""
        return amounts.number(self.language, value)

    def size(self, size_bytes: int) -> str:
        """Say a size in MB or GB; a small one is less than 1 MB and nothing more precise."""
        return self.t("size.small") if amounts.is_small(size_bytes) else amounts.size(self.language, size_bytes)

    def count(self, key: str, number: int) -> str:
        """Say how many: "1 beeld", "1.203 beelden"."""
        return self.t.many(key, number, n=self.number(number))

    def duration(self, size_bytes: int) -> str:
        """Say how long a download takes on an ordinary connection."""
        minutes = amounts.minutes_to_download(size_bytes)
        if minutes == 0:
            return self.t("study.duration_short")
        return self.t("study.duration", minutes=self.count("count.minutes", minutes))
