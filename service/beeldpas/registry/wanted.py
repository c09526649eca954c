"""What a search asks for: the form that it may have, and no more.

A parameter that would be passed over in silence would give a wrong answer, so it is refused.
*Source:* FHIR R4 §3.1.1 (search), docs/wire.md §2.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Self

from beeldpas.domain.bsn import BSN, BSN_SYSTEM
from beeldpas.domain.errors import Malformed

MOST = 1000
_PERSON = "patient.identifier"
_SUPPORTED = {
    _PERSON: None,
    "_include": "ImagingStudy:endpoint",
    "_revinclude": "DiagnosticReport:imaging-study",
    "_count": None,
    "_lastUpdated": None,
}
_NUMBER = re.compile(r"[1-9]\d{0,8}", re.ASCII)
_CHANGED = re.compile(
    r"(ge|gt|lt|le)?(\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d))?)", re.ASCII
)
Form = Mapping[str, tuple[str, ...]]
Span = tuple[datetime | None, datetime | None]


@dataclass(frozen=True, slots=True)
class Search:
    """One page of a search for one person; `after` is the last study of the page before."""

    bsn: BSN
    endpoints: bool
    reports: bool
    most: int = MOST
    changed: Span = (None, None)
    after: tuple[date, str] | None = field(default=None)

    @classmethod
    def read(cls, form: Form) -> Self:
        """Read a form. Raises: Malformed."""
        for name, given in form.items():
            repeats = name == "_lastUpdated" and len(given) <= 2
            if name not in _SUPPORTED or not (len(given) == 1 or repeats) or _SUPPORTED[name] not in (None, given[0]):
                raise Malformed("parameter_not_supported", {"where": name if name.isidentifier() else ""})
        return cls(
            bsn=person_of(form),
            endpoints="_include" in form,
            reports="_revinclude" in form,
            most=count_of(form),
            changed=changed_of(form),
        )

    def facts(self, last: tuple[date, str]) -> dict[str, Any]:
        """What must be known to go on after `last`; it names the person, so it is sealed."""
        changed = [moment.isoformat() if moment else None for moment in self.changed]
        where = [last[0].isoformat(), last[1]]
        return {
            "bsn": self.bsn.reveal(),
            "endpoints": self.endpoints,
            "reports": self.reports,
            "most": self.most,
            "changed": changed,
            "after": where,
        }

    @classmethod
    def going_on(cls, facts: Mapping[str, Any]) -> Self:
        """The page that a next link leads to; what is in it was written by `facts`."""
        begin, end = (datetime.fromisoformat(moment) if moment else None for moment in facts["changed"])
        day, entry_id = facts["after"]
        return cls(
            bsn=BSN.parse(facts["bsn"]),
            endpoints=facts["endpoints"],
            reports=facts["reports"],
            most=facts["most"],
            changed=(begin, end),
            after=(date.fromisoformat(day), entry_id),
        )


def count_of(form: Form) -> int:
    """How many matches a page may have. Raises: Malformed("parameter_not_supported")."""
    (told,) = form.get("_count", (str(MOST),))
    if not _NUMBER.fullmatch(told):
        raise Malformed("parameter_not_supported", {"where": "_count"})
    return min(int(told), MOST)


def changed_of(form: Form) -> Span:
    """When the entries changed last: from inclusive, to exclusive; a day is a day of UTC.

    Raises: Malformed("parameter_not_supported").
    """
    begin: datetime | None = None
    end: datetime | None = None
    for told in form.get("_lastUpdated", ()):
        found = _CHANGED.fullmatch(told)
        try:
            day = datetime.fromisoformat(found[2]) if found else None
        except ValueError:
            day = None
        if found is None or day is None:
            raise Malformed("parameter_not_supported", {"where": "_lastUpdated"})
        first = day.replace(tzinfo=day.tzinfo or UTC)
        beyond = first + (timedelta(days=1) if "T" not in found[2] else timedelta(milliseconds=1))
        begin = {"ge": first, "gt": beyond, None: first}.get(found[1], begin)
        end = {"lt": first, "le": beyond, None: beyond}.get(found[1], end)
    return begin, end


def person_of(form: Form) -> BSN:
    """Whom a form names. Raises: Malformed("bsn")."""
    system, _, number = "".join(form.get(_PERSON, ())).partition("|")
    if system != BSN_SYSTEM:
        raise Malformed("bsn")
    return BSN.parse(number)
