"""The helpdesk takes a patient's call by the code that they read out, once, and sees where their shares stand."""

from dataclasses import dataclass
from datetime import datetime

from beeldpas.domain.actions import Action
from beeldpas.domain.codes import CallCode
from beeldpas.domain.share import ShareState
from beeldpas.portal.actions import resources
from beeldpas.portal.actions.asker import Asker
from beeldpas.portal.actions.frame import Deed, Refusal, perform
from beeldpas.portal.actions.looking_up import too_many
from beeldpas.portal.fingerprint import fingerprints
from beeldpas.portal.house import House
from beeldpas.portal.store import calls, shares

_UNKNOWN = Refusal("call_code_unknown")


@dataclass(frozen=True, slots=True)
class CallersShare:
    """One share of whoever is on the line: how to name it, where it stands, and its times. Nothing else."""

    reference: str
    state: ShareState
    made_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


async def take_call(house: House, asker: Asker, code: CallCode | None = None) -> tuple[CallersShare, ...]:
    """Return the shares of the patient on the line, newest first; without a code of the call that is going on.

    Raises: Refused(call_code_unknown) for a code that is unknown, used or late, or when nobody is on the line;
    Refused(too_many_lookups); NotFound.
    """

    async def work(deed: Deed) -> tuple[CallersShare, ...] | Refusal:
        if refusal := await too_many(deed):
            return refusal
        if refusal := deed.authorise(resources.door("staff")):
            return refusal
        patient = await _on_the_line(deed, code)
        if patient is None:
            return _UNKNOWN
        deed.about_patient(patient, "own")
        stored = await shares.of_patient(deed.connection, patient)
        deed.details = {"found": len(stored)}
        return tuple(
            CallersShare(one.reference, one.state(deed.now), one.made_at, one.expires_at, one.revoked_at)
            for one in stored
        )

    return await perform(house, asker, Action.TAKE_CALL, work)


async def hang_up(house: House, asker: Asker) -> None:
    """Forget who is on the line: what the next caller asks is not done in this one's name. Raises: Unavailable."""

    async def work(deed: Deed) -> bool | Refusal:
        if refusal := deed.authorise(resources.door("staff")):
            return refusal
        patient = await calls.on_the_line(deed.connection, asker.subject, deed.now)
        if patient is not None:
            deed.about_patient(patient, "own")
        await calls.hang_up(deed.connection, asker.subject)
        deed.details = {"ended": True}
        return True

    await perform(house, asker, Action.TAKE_CALL, work)


async def _on_the_line(deed: Deed, code: CallCode | None) -> str | None:
    if code is None:
        return await calls.on_the_line(deed.connection, deed.asker.subject, deed.now)
    marks = fingerprints(deed.house.secrets, code)
    return await calls.take(deed.connection, marks, deed.asker.subject, deed.now)
