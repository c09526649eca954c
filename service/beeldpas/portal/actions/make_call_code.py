"""A patient makes a call code, to read it to the helpdesk: then the agent knows whose call it is, and no more."""

from dataclasses import dataclass
from datetime import datetime
from secrets import token_bytes

from beeldpas.domain.actions import Action
from beeldpas.domain.codes import CALL_CODE_BYTES, CallCode
from beeldpas.portal.actions import resources
from beeldpas.portal.actions.asker import Asker
from beeldpas.portal.actions.frame import Deed, Refusal, perform
from beeldpas.portal.actions.own_share import MOVED_ON
from beeldpas.portal.fingerprint import fingerprint
from beeldpas.portal.house import House
from beeldpas.portal.store import calls


@dataclass(frozen=True, slots=True)
class MadeCallCode:
    """The code, for this once, and until when it can be read out."""

    code: CallCode
    until: datetime


async def make_call_code(house: House, asker: Asker) -> MadeCallCode:
    """Make a call code for this patient; the one before it is worth nothing any more.

    Raises: NotFound; Conflict("two_tabs") when another one was made at the same moment.
    """
    code = CallCode.new(token_bytes(CALL_CODE_BYTES))

    async def work(deed: Deed) -> MadeCallCode | Refusal:
        deed.about_patient(asker.subject, "own")
        if refusal := deed.authorise(resources.history(asker.subject)):
            return refusal
        mark = fingerprint(house.secrets, code)
        until = await calls.make(deed.connection, asker.subject, mark, deed.now)
        return MOVED_ON if until is None else MadeCallCode(code, until)

    return await perform(house, asker, Action.MAKE_CALL_CODE, work)
