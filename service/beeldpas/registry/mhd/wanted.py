"""What a question about documents asks for: whose, which kinds, of which study, and from where on.

A parameter that would be passed over in silence would give a wrong answer, so it is refused.
*Source:* IHE ITI MHD §3.67.4.1.2 (ITI-67: person and status are required); IHE RAD MADO (study-instance-uid).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, Self

from beeldpas.domain.bsn import BSN
from beeldpas.domain.errors import Malformed
from beeldpas.formats.fhir import systems, values
from beeldpas.formats.fhir.envelopes import CATEGORIES, FORMATS, IMAGES, REPORTS
from beeldpas.registry.wanted import Form, count_of, person_of

Kind = Literal["fhir", "kos", "report"]
Place = tuple[str, str, int, str]  # of a document in the order of the list: see `listing`
ALL: frozenset[Kind] = frozenset({"fhir", "kos", "report"})
PARAMETERS = ("patient.identifier", "status", "category", "format", "study-instance-uid", "_count")
_MANIFESTS: frozenset[Kind] = frozenset({"fhir", "kos"})
_STATUSES = frozenset({"current", "superseded", "entered-in-error"})


@dataclass(frozen=True, slots=True)
class Documents:
    """One page of one person's documents; `study_uid` "" is all of them, `after` the last of the page before."""

    bsn: BSN
    kinds: frozenset[Kind]
    study_uid: str
    most: int
    after: Place | None = None

    @classmethod
    def read(cls, form: Form) -> Self:
        """Read a form. Raises: Malformed."""
        for name, given in form.items():
            if name not in PARAMETERS or len(given) != 1:
                raise _unsupported(name)
        statuses = set(_codes(form, "status"))
        if not statuses or not statuses <= _STATUSES:
            raise _unsupported("status")
        kinds = _of_category(form) & _of_format(form)
        return cls(
            bsn=person_of(form),
            kinds=kinds if "current" in statuses else frozenset(),  # nothing else is kept here
            study_uid=_study(form),
            most=count_of(form),
        )

    def facts(self, last: Place) -> dict[str, Any]:
        """What must be known to go on after `last`; it names the person, so it is sealed."""
        return {
            "bsn": self.bsn.reveal(),
            "kinds": sorted(self.kinds),
            "study": self.study_uid,
            "most": self.most,
            "after": list(last),
        }

    @classmethod
    def going_on(cls, facts: Mapping[str, Any]) -> Self:
        """The page that a next link leads to; what is in it was written by `facts`."""
        day, study, rank, report = facts["after"]
        first = cls(BSN.parse(facts["bsn"]), frozenset(facts["kinds"]), facts["study"], facts["most"])
        return replace(first, after=(day, study, rank, report))


def _of_category(form: Form) -> frozenset[Kind]:
    if "category" not in form:
        return ALL
    told = set(_codes(form, "category", CATEGORIES))
    return (_MANIFESTS if IMAGES in told else frozenset()) | (
        frozenset({"report"}) if REPORTS in told else frozenset()
    )


def _of_format(form: Form) -> frozenset[Kind]:
    if "format" not in form:
        return ALL
    told = set(_codes(form, "format"))
    return frozenset(kind for kind, coding in FORMATS.items() if coding["code"] in told)


def _study(form: Form) -> str:
    """The UID of the one study that is asked for. Raises: Malformed("parameter_not_supported")."""
    if "study-instance-uid" not in form:
        return ""
    told = form["study-instance-uid"][0]
    uid = values.uid(told.removeprefix(f"{systems.DICOM_UID}|"))
    if not uid:
        raise _unsupported("study-instance-uid")
    return uid


def _codes(form: Form, name: str, system: str = "") -> list[str]:
    """The codes of a token parameter: one or several, with or without their system (of a given one only)."""
    found = []
    for token in form.get(name, ("",))[0].split(","):
        told, bar, code = token.rpartition("|")
        if code and (not bar or not system or told == system):
            found.append(code)
    return found


def _unsupported(name: str) -> Malformed:
    where = name if name in PARAMETERS or name.isidentifier() else ""
    return Malformed("parameter_not_supported", {"where": where})
