"""A patient sees their imaging history: all registries and hospitals asked, then recorded, then shown."""

from beeldpas.domain.actions import Action
from beeldpas.domain.bsn import BSN
from beeldpas.domain.timeline import Timeline
from beeldpas.portal.actions import identity_incidents, resources
from beeldpas.portal.actions.asker import Asker
from beeldpas.portal.actions.frame import Deed, Refusal, perform, require
from beeldpas.portal.actions.question import ask_for_patient
from beeldpas.portal.house import House
from beeldpas.portal.registries.gather import gather_timeline
from beeldpas.portal.registries.vouched import vouched


async def view_timeline(house: House, asker: Asker, bsn: BSN) -> Timeline:
    """Return what is registered of this patient, and who did not answer. Raises: NotFound, Unavailable."""
    own = resources.history_of(asker, bsn)
    await require(house, asker, Action.VIEW_TIMELINE, own)
    timeline = await gather(house, asker, bsn)

    async def work(deed: Deed) -> Timeline | Refusal:
        deed.about_patient(own.id, "own")
        deed.details = {
            "found": len(timeline.studies),
            "missing": [source.name for source in timeline.missing],
        }
        return deed.authorise(own) or timeline

    return await perform(house, asker, Action.VIEW_TIMELINE, work)


async def gather(house: House, asker: Asker, bsn: BSN) -> Timeline:
    """Ask everybody, in the patient's name. For actions only: who may see it is decided by them.

    What hospitals contradict each other about is left out, and noted. Raises: Unavailable("database").
    """
    question = ask_for_patient(house, asker)
    found = await gather_timeline(
        vouched(house.registries, asker.born),
        house.gateways,
        house.directory,
        bsn,
        question,
        asker.language,
        house.settings.timeline_deadline_seconds,
    )
    await identity_incidents.note(house, found.doubts, question)
    return found
