"""A patient sees their shares: what is open, who used it, who waits for an answer."""

from beeldpas.domain.actions import Action
from beeldpas.portal.actions import resources
from beeldpas.portal.actions.asker import Asker
from beeldpas.portal.actions.frame import NOT_FOUND, Deed, Refusal, perform
from beeldpas.portal.actions.hospital_answers import ask_hospitals
from beeldpas.portal.actions.question import ask_for_patient
from beeldpas.portal.actions.share_views import ShareView, as_patient_sees
from beeldpas.portal.house import House
from beeldpas.portal.registries.held import StudyPreview
from beeldpas.portal.store import shares
from beeldpas.portal.store.share_studies import SharedStudy

_PATIENCE_SECONDS = 2.0


async def view_shares(house: House, asker: Asker) -> tuple[ShareView, ...]:
    """Return all shares of this patient, newest first. Raises: NotFound."""

    async def work(deed: Deed) -> tuple[ShareView, ...] | Refusal:
        deed.about_patient(asker.subject, "own")
        if refusal := deed.authorise(resources.history(asker.subject)):
            return refusal
        stored = await shares.of_patient(deed.connection, asker.subject)
        deed.details = {"found": len(stored)}
        return await as_patient_sees(deed.connection, stored, deed.now)

    return await perform(house, asker, Action.VIEW_SHARES, work)


async def one(house: House, asker: Asker, share_id: str) -> ShareView:
    """Return one share of this patient. Raises: NotFound."""

    async def work(deed: Deed) -> ShareView | Refusal:
        deed.about_patient(asker.subject, "own")
        if refusal := deed.authorise(resources.history(asker.subject)):
            return refusal
        stored = await shares.find(deed.connection, share_id, patient=asker.subject)
        if stored is None:
            return Refusal(NOT_FOUND)
        deed.about_share(stored)
        deed.details = {"found": 1}
        return (await as_patient_sees(deed.connection, [stored], deed.now))[0]

    return await perform(house, asker, Action.VIEW_SHARES, work)


async def held_now(house: House, asker: Asker, share: ShareView) -> dict[SharedStudy, StudyPreview | None]:
    """Return what the hospitals say now of the studies of a share, None for one that they give no more.

    A study of a hospital that does not answer soon, or of which nobody knows what was confirmed, is left out.
    """
    wanted: dict[str, list[str]] = {}
    for study in share.studies:
        if study.gateway_id in share.confirmed:
            wanted.setdefault(study.gateway_id, []).append(study.uid)
    question = ask_for_patient(house, asker)
    answers = await ask_hospitals(house, wanted, asker.language, question, share.confirmed, _PATIENCE_SECONDS)
    told = {(gateway_id, study.uid): study for gateway_id, answer in answers.items() for study in answer.studies}
    return {study: told.get((study.gateway_id, study.uid)) for study in share.studies if study.gateway_id in answers}
