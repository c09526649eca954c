"""A patient says of a line in their log that it was not theirs or not meant; the helpdesk sees it with the share."""

from dataclasses import dataclass

from beeldpas.audit import log
from beeldpas.domain.actions import Action
from beeldpas.portal.actions import resources
from beeldpas.portal.actions.asker import Asker
from beeldpas.portal.actions.frame import NOT_FOUND, Deed, Refusal, perform
from beeldpas.portal.house import House
from beeldpas.portal.store import shares


@dataclass(frozen=True, slots=True)
class ReportedUse:
    """What was reported; without a share, it is about a visit or about the patient's own images."""

    share_id: str | None
    reference: str | None


async def report_use(house: House, asker: Asker, event_id: str) -> ReportedUse:
    """Write down that this patient does not know an event of their own log. Raises: NotFound."""

    async def work(deed: Deed) -> ReportedUse | Refusal:
        deed.about_patient(asker.subject, "own")
        record = await log.with_id(deed.connection, event_id)
        if record is None or record.get("patient") not in asker.names:
            return Refusal(NOT_FOUND)
        if refusal := deed.authorise(resources.history(asker.subject)):
            return refusal
        share_id = record.get("share_id")
        stored = await shares.find(deed.connection, str(share_id), patient=asker.subject) if share_id else None
        if stored is not None:
            deed.about_share(stored)
        deed.details = {"event": event_id, "reported": str(record["kind"])}
        return ReportedUse(stored.share_id if stored else None, stored.reference if stored else None)

    return await perform(house, asker, Action.REPORT_USE, work)
