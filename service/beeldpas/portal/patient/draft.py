"""A share that is being put together: what was chosen, for whom and how long. It lives in the session."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from secrets import token_urlsafe
from typing import Any, Self

from beeldpas.domain.share import DEFAULT_DAYS, ShareTerms
from beeldpas.portal.actions.preview_share import Choice
from beeldpas.portal.patient.door import PatientVisit

_KEY = "draft"
_FORM = {
    "for_whom": "",
    "days": str(DEFAULT_DAYS),
    "other_days": "",
    "self_declared": "yes",
    "note": "",
    "language": "",
}


@dataclass(frozen=True, slots=True)
class Draft:
    """What the patient filled in so far. `request_id` belongs to the check page: a double click makes one share."""

    chosen: tuple[tuple[str, str], ...] = ()
    form: dict[str, str] = field(default_factory=dict)
    request_id: str = ""

    @classmethod
    def of(cls, visit: PatientVisit) -> Self:
        """Read the draft of this visit; an empty one when there is none."""
        kept: dict[str, Any] = visit.values.get(_KEY, {})
        chosen = tuple((uid, gateway_id) for uid, gateway_id in kept.get("chosen", ()))
        form = {**_FORM, "language": visit.say.language, **kept.get("form", {})}
        return cls(chosen, form, kept.get("request_id", ""))

    @property
    def choices(self) -> tuple[Choice, ...]:
        """What was chosen, as actions want it."""
        return tuple(Choice(uid, gateway_id) for uid, gateway_id in self.chosen)

    def terms(self) -> ShareTerms:
        """Read for whom and how long. Raises: Malformed, as ShareTerms.parse does."""
        days = self.form["other_days"] if self.form["days"] == "other" else self.form["days"]
        return ShareTerms.parse(
            for_whom=self.form["for_whom"],
            days=days or "0",
            language=self.form["language"],
            allow_self_declared=self.form["self_declared"] != "no",
            note=self.form["note"],
        )

    async def keep(self, visit: PatientVisit) -> None:
        """Put the draft into the session; whatever changed, it is a new request."""
        kept = {"chosen": list(self.chosen), "form": self.form, "request_id": token_urlsafe(18)}
        await visit.keep(**{_KEY: kept})

    def choosing(self, chosen: Sequence[tuple[str, str]]) -> "Draft":
        """Return the draft with these studies."""
        return Draft(tuple(chosen), self.form)

    def filled_in(self, form: dict[str, str]) -> "Draft":
        """Return the draft with this form."""
        return Draft(self.chosen, {name: form.get(name, "") for name in _FORM})


async def forget(visit: PatientVisit) -> None:
    """Throw the draft away: it became a share."""
    visit.values.pop(_KEY, None)
    await visit.keep()
