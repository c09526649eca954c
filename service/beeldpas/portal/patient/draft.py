"""A share that is being put together: what was chosen, for whom and how long.

It lives in the session, and sealed beside it for whoever is signed out half-way (docs/decisions/0033).
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from secrets import token_urlsafe
from typing import Any, Self

from beeldpas.database.engine import leave_no_trace, transaction
from beeldpas.domain.errors import Malformed
from beeldpas.domain.share import DEFAULT_DAYS, ShareTerms, days_to
from beeldpas.portal.actions.preview_share import Choice
from beeldpas.portal.house import House
from beeldpas.portal.patient.door import PatientVisit
from beeldpas.portal.store import drafts
from beeldpas.portal.words.dates import parse_date
from beeldpas.web.seal import Seal

KEY, RESTORED = "draft", "draft_restored"
OWN_DATE = "other"
_DATE = ("end_day", "end_month", "end_year")
_FORM = {
    "for_whom": "",
    "days": str(DEFAULT_DAYS),
    "end_day": "",
    "end_month": "",
    "end_year": "",
    "self_declared": "yes",
    "note": "",
    "language": "",
}


@dataclass(frozen=True, slots=True)
class Counted:
    """How much was chosen, as far as anybody has said; `images` and `size_bytes` are None where nobody has."""

    studies: int
    hospitals: int
    images: int | None = None
    reports: int = 0
    size_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """What the patient filled in so far. `request_id` belongs to the check page: a double click makes one share."""

    chosen: tuple[tuple[str, str], ...] = ()
    form: dict[str, str] = field(default_factory=dict)
    request_id: str = ""
    counted: Counted | None = None

    @classmethod
    def of(cls, visit: PatientVisit) -> Self:
        """Read the draft of this visit; an empty one when there is none."""
        return cls.from_kept(visit.values.get(KEY, {}), visit.say.language)

    @classmethod
    def from_kept(cls, kept: Mapping[str, Any], language: str) -> Self:
        """Read what was kept."""
        chosen = tuple((uid, gateway_id) for uid, gateway_id in kept.get("chosen", ()))
        form = {**_FORM, "language": language, **kept.get("form", {})}
        counted = Counted(**kept["counted"]) if kept.get("counted") else None
        return cls(chosen, form, kept.get("request_id", ""), counted)

    @property
    def choices(self) -> tuple[Choice, ...]:
        """What was chosen, as actions want it."""
        return tuple(Choice(uid, gateway_id) for uid, gateway_id in self.chosen)

    @property
    def amount(self) -> Counted:
        """How much was chosen; studies and hospitals are always known."""
        return self.counted or Counted(len(self.chosen), len({gateway_id for _, gateway_id in self.chosen}))

    def terms(self, now: datetime) -> ShareTerms:
        """Read for whom and how long. Raises: Malformed, as ShareTerms.parse does, or "share_two_dates"."""
        return ShareTerms.parse(
            for_whom=self.form["for_whom"],
            days=self._days(now),
            language=self.form["language"],
            allow_self_declared=self.form["self_declared"] != "no",
            note=self.form["note"],
        )

    def _days(self, now: datetime) -> str:
        typed = _date_in(self.form)
        if self.form["days"] != OWN_DATE:
            if any(typed):
                raise Malformed("share_two_dates")
            return self.form["days"] or "0"
        until = parse_date(*typed)
        return str(days_to(now, until)) if until else "0"

    async def keep(self, visit: PatientVisit) -> None:
        """Put the draft into the session, and beside it; whatever changed, it is a new request."""
        kept = self.as_kept()
        visit.values.pop(RESTORED, None)
        await visit.keep(**{KEY: kept})
        async with transaction(visit.house.engine) as connection:
            asker = visit.asker
            seal = seal_of(visit.house)
            await drafts.keep(connection, seal, asker.subject, asker.acting, kept, visit.now)

    def as_kept(self) -> dict[str, Any]:
        """Return what is kept, as a request of its own."""
        return {
            "chosen": list(self.chosen),
            "form": self.form,
            "request_id": token_urlsafe(18),
            "counted": asdict(self.counted) if self.counted else None,
        }

    def is_complete(self, now: datetime) -> bool:
        """Say whether nothing is left to fill in."""
        try:
            self.terms(now)
        except Malformed:
            return False
        return True

    def choosing(self, chosen: Sequence[tuple[str, str]], counted: Counted | None = None) -> "Draft":
        """Return the draft with these studies."""
        return replace(self, chosen=tuple(chosen), counted=counted)

    def filled_in(self, form: Mapping[str, str]) -> "Draft":
        """Return the draft with this form."""
        return replace(self, form=_meant(self.form, {name: form.get(name, "") for name in _FORM}))


def _meant(before: Mapping[str, str], form: dict[str, str]) -> dict[str, str]:
    """Return the form as it was meant, where a date was typed and a number of days is chosen as well.

    A date typed without touching the choice above it is the one that is wanted; a number of days chosen while an old
    date stands there takes its place. Whoever did both at once is asked.
    """
    if form["days"] == OWN_DATE or not any(_date_in(form)):
        return form
    typed, chosen = _date_in(form) != _date_in(before), form["days"] != before["days"]
    if typed and not chosen:
        return {**form, "days": OWN_DATE}
    if chosen and not typed:
        return {**form, **dict.fromkeys(_DATE, "")}
    return form


def _date_in(form: Mapping[str, str]) -> tuple[str, str, str]:
    day, month, year = (form[name] for name in _DATE)
    return day, month, year


async def forget(visit: PatientVisit) -> None:
    """Throw the draft away: it became a share, or is not wanted."""
    visit.values.pop(KEY, None)
    visit.values.pop(RESTORED, None)
    await visit.keep()
    async with transaction(visit.house.engine) as connection:
        await drafts.forget(connection, visit.names)


def seal_of(house: House) -> Seal:
    """Return the seal of drafts: the one of sessions, since both hold the same."""
    return Seal(house.secrets.session.values)


async def forget_old(house: House) -> None:
    """Throw away every draft that nobody came back for in time, down to the bytes of the file."""
    async with transaction(house.engine) as connection:
        await drafts.forget_old(connection, house.clock())
    await leave_no_trace(house.engine)
