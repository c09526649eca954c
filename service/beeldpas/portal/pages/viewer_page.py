"""The page of the image viewer: which studies it may show, what it says, and the settings that its script reads.

No identifier of a study stands in an address or a title; the settings hold them, in the page's body only.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Self

from markupsafe import Markup

from beeldpas.portal.pages.language import address
from beeldpas.portal.pages.visit import Visit

TOKEN_URL = "/viewer-token"  # noqa: S105 (where tokens are asked for)
# What closes a script element or begins a comment in it. *Source:* HTML Living Standard §4.12.1.3.
_ESCAPED = {ord("<"): "\\u003c", ord(">"): "\\u003e", ord("&"): "\\u0026"}
_STATES = "state.viewer_"


@dataclass(frozen=True, slots=True)
class ShownReport:
    """A report that lies beside the images, as a DICOM object of the same study."""

    title: str
    issued: str
    series: str
    instance: str
    kind: str


@dataclass(frozen=True, slots=True)
class ShownStudy:
    """A study that the viewer may show, as a session keeps it; `grant` is what a token is asked with.

    `started` is a date (ISO 8601) or empty. It can be titled in any language (words.titles.Titled).
    """

    uid: str
    gateway_id: str
    grant: str
    started: str
    modalities: tuple[str, ...]
    body_part: str
    laterality: str
    reports: tuple[ShownReport, ...]

    @classmethod
    def kept(cls, values: Mapping[str, Any]) -> Self:
        """Read it out of a session."""
        reports = tuple(ShownReport(**one) for one in values["reports"])
        return cls(**{**values, "modalities": tuple(values["modalities"]), "reports": reports})

    @property
    def day(self) -> date | None:
        """When it was made."""
        return date.fromisoformat(self.started) if self.started else None


@dataclass(frozen=True, slots=True)
class Looking:
    """What one viewer page shows: the first study, and others to compare it with; `back` leads to where it began.

    `person` is whose the images are, for those who do not look at their own.
    """

    studies: tuple[ShownStudy, ...]
    back: str
    person: str = ""

    def as_values(self) -> dict[str, Any]:
        """Return what a session keeps."""
        return asdict(self)

    @classmethod
    def kept(cls, values: Mapping[str, Any]) -> Self:
        """Read it out of a session."""
        return cls(tuple(ShownStudy.kept(one) for one in values["studies"]), values["back"], values["person"])


def viewer_settings(visit: Visit, looking: Looking, words: Mapping[str, str]) -> Markup:
    """Return the settings as JSON that is safe inside a script element, whatever names and titles hold.

    `words` stand in for the texts of the catalogue where the door says something else.
    """
    say, first = visit.say, looking.studies[0]
    settings = {
        "language": say.language,
        "audience": visit.door,
        "notForDiagnosis": say.t(f"look.not_for_diagnosis_{visit.door}"),
        "tokenUrl": address(say.catalogue, TOKEN_URL),
        "back": address(say.catalogue, looking.back),
        "words": {**say.t.under("viewer."), **say.t.under(_STATES), **words},
        "studies": [_study(visit, one, first) for one in looking.studies],
    }
    return script_json(settings)


def script_json(value: object) -> Markup:
    """Write a value as JSON that no text in it can break out of: only ASCII, no angle brackets, no ampersand."""
    return Markup(json.dumps(value).translate(_ESCAPED))  # noqa: S704 (escaped in this very line)


def newest_first(studies: Sequence[ShownStudy]) -> tuple[ShownStudy, ...]:
    """Return them in the order in which somebody looks for one to compare with."""
    return tuple(sorted(studies, key=lambda one: one.started, reverse=True))


def _study(visit: Visit, one: ShownStudy, first: ShownStudy) -> dict[str, Any]:
    hospital = visit.house.directory.by_id(one.gateway_id)
    return {
        "title": visit.say.title(one),
        "date": visit.say.date(one.day),
        "hospital": hospital.name,
        "dicomweb": f"{hospital.base_url}/dicom-web",
        "grant": one.grant,
        "uid": one.uid,
        "isPrior": one.started < first.started,
        "reports": [
            {**asdict(report), "issued": visit.say.date(date.fromisoformat(report.issued)) if report.issued else ""}
            for report in one.reports
        ],
    }
