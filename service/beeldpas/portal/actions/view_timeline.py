"""A patient sees their imaging history: all registries and hospitals asked, recorded, and shown, also piece by piece.

What is asked once is recorded once, before any of it is shown, however often it is looked at while it comes together.
"""

import asyncio
from collections.abc import Callable

from beeldpas.domain.actions import Action
from beeldpas.domain.bsn import BSN
from beeldpas.domain.study import Study
from beeldpas.domain.timeline import Timeline
from beeldpas.portal.actions import identity_incidents, resources
from beeldpas.portal.actions.asker import Asker
from beeldpas.portal.actions.frame import Deed, Refusal, perform, require
from beeldpas.portal.actions.question import ask_for_patient
from beeldpas.portal.gatherings import Kept
from beeldpas.portal.house import House
from beeldpas.portal.registries.gather import Gathering, Inquiry, Sources, gather_timeline
from beeldpas.portal.registries.question import Question
from beeldpas.portal.registries.vouched import vouched

_TOGETHER_SECONDS = 0.05  # what comes within it is looked at together
_FIRST_SECONDS = 2.0  # as long a page waits while there is nothing at all to show


async def view_timeline(house: House, asker: Asker, bsn: BSN) -> Timeline:
    """Return what is registered of this patient, and who did not answer. Raises: NotFound, Unavailable."""
    await require(house, asker, Action.VIEW_TIMELINE, resources.history_of(asker, bsn))
    kept = house.gatherings.running(asker.session, asker.language)
    timeline = await kept.whole() if kept else await gather(house, asker, bsn)
    if kept:
        await _record_once(house, asker, bsn, kept, timeline)
    else:
        await _record(house, asker, bsn, timeline)
    return timeline


async def follow_timeline(house: House, asker: Asker, bsn: BSN, *, name: str = "", insists: bool = False) -> Kept:
    """Return the history that comes together for this visit, with what came first; begin it if there is none.

    `name`: show that one, also when it is whole, as long as it is kept. `insists`: ask anew, also those who are left
    alone for a while. Raises: NotFound, Unavailable.
    """
    await require(house, asker, Action.VIEW_TIMELINE, resources.history_of(asker, bsn))
    kept = _found(house, asker, name, insists=insists)
    if kept is None:
        kept, question = _unbegun(house, asker, bsn, insists=insists)

        async def note(whole: Timeline) -> None:
            await identity_incidents.note(house, whole.doubts, question)

        if not house.gatherings.begin(kept, note):
            await kept.whole()
    first = await kept.first(house.settings.timeline_patience_seconds, _FIRST_SECONDS)
    await _record_once(house, asker, bsn, kept, first)
    return kept


async def find_study(house: House, asker: Asker, bsn: BSN, wanted: Callable[[Study], bool]) -> Timeline:
    """Return the history as soon as one study of it is there as its hospitals have it; whole when it never is.

    Who else is late is not waited for, beyond the patience that the list has. Raises: NotFound, Unavailable.
    """
    kept = await follow_timeline(house, asker, bsn)
    gathering = kept.gathering
    while not gathering.is_over:
        version, timeline = gathering.version, kept.now()
        late = {source.name for source in timeline.asked if source.hospital}
        one = next((study for study in timeline.studies if wanted(study)), None)
        if one and not any(holding.gateway_id in late for holding in one.holdings):
            return timeline
        await gathering.wait_for_more(version)
        await asyncio.sleep(_TOGETHER_SECONDS)
    return await kept.whole()


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
        house.breakers,
    )
    await identity_incidents.note(house, found.doubts, question)
    return found


def _found(house: House, asker: Asker, name: str, *, insists: bool) -> Kept | None:
    """Return what this visit has; who presses "try again" twice is not asked about twice at once."""
    running = house.gatherings.running(asker.session, asker.language)
    if insists:
        return running if running and running.insists else None
    return house.gatherings.named(asker.session, asker.language, name) or running


def _unbegun(house: House, asker: Asker, bsn: BSN, *, insists: bool) -> tuple[Kept, Question]:
    question = ask_for_patient(house, asker)
    deadline = house.settings.timeline_deadline_seconds
    sources = Sources(vouched(house.registries, asker.born), house.gateways, house.directory, house.breakers)
    gathering = Gathering(sources, Inquiry(bsn, question, asker.language, deadline, insists))
    return Kept(asker.session, asker.language, insists, gathering), question


async def _record_once(house: House, asker: Asker, bsn: BSN, kept: Kept, shown: Timeline) -> None:
    async with kept.recording:
        if not kept.is_recorded:
            await _record(house, asker, bsn, shown)
            kept.is_recorded = True


async def _record(house: House, asker: Asker, bsn: BSN, timeline: Timeline) -> None:
    own = resources.history_of(asker, bsn)

    async def work(deed: Deed) -> Refusal | None:
        deed.about_patient(own.id, "own")
        deed.details = {
            "found": len(timeline.studies),
            "missing": [source.name for source in timeline.missing],
        }
        return deed.authorise(own)

    await perform(house, asker, Action.VIEW_TIMELINE, work)
