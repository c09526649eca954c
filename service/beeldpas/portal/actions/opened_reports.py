"""Which reports somebody opened before: it stands in the patient's own log, and nowhere else."""

from beeldpas.audit import reading
from beeldpas.audit.events import Reader
from beeldpas.audit.reading import Wanted
from beeldpas.database.engine import transaction
from beeldpas.domain.actions import Action
from beeldpas.portal.actions import resources
from beeldpas.portal.actions.asker import Asker
from beeldpas.portal.actions.frame import require
from beeldpas.portal.actions.whose_deed import is_anothers
from beeldpas.portal.house import House

_MOST = 2000


async def opened_reports(house: House, asker: Asker) -> frozenset[str]:
    """Return the UIDs of the reports that this reader opened; what somebody else opened is not among them.

    Who stands in for a patient is another reader than the patient. Raises: NotFound.
    """
    await require(house, asker, Action.VIEW_LOG, resources.history(asker.subject))
    async with transaction(house.engine) as connection:
        wanted = Wanted(kinds=(Action.READ_REPORT,))
        rows = await reading.older(connection, Reader.PATIENT, asker.names, wanted, limit=_MOST)
    return frozenset(
        str(record["report"])
        for _, record in rows
        if record["outcome"] == "done"
        and record.get("report")
        and not is_anothers(asker, str(record["actor_kind"]), str(record["on_behalf"]))
    )
