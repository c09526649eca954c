"""A patient opens own images: a grant with basis `own`, without a PIN, that ends with the visit."""

from collections.abc import Collection

from beeldpas.domain.actions import Action
from beeldpas.domain.bsn import BSN
from beeldpas.domain.errors import Malformed, Unavailable
from beeldpas.domain.grant import Grant, narrow
from beeldpas.domain.timeline import Timeline
from beeldpas.portal.actions import resources
from beeldpas.portal.actions.asker import Asker
from beeldpas.portal.actions.frame import NOT_FOUND, Deed, Refusal, perform, require
from beeldpas.portal.actions.hospital_answers import ask_hospitals
from beeldpas.portal.actions.preview_share import Choice, held_in, unanswered
from beeldpas.portal.actions.question import ask_for_patient, asking_subject
from beeldpas.portal.actions.view_timeline import gather
from beeldpas.portal.house import House
from beeldpas.portal.store import grants, staging
from beeldpas.portal.store.grants import GrantTerms
from beeldpas.web.sessions import ABSOLUTE


async def open_own(house: House, asker: Asker, bsn: BSN, study_uid: str, gateway_id: str) -> Grant:
    """Return this visit's grant for one study at one hospital; opened twice, it is the same grant.

    That the study is the patient's own is asked of the registries, which is what the BSN is for.
    Raises: NotFound; Unavailable when a registry that might know the study did not answer;
    Malformed("session_ended") for an asker without a visit.
    """
    return await _open(house, asker, bsn, frozenset({study_uid}), gateway_id)


async def open_own_pictures(house: House, asker: Asker, bsn: BSN, studies: Collection[str], gateway_id: str) -> Grant:
    """Return this visit's grant for the small pictures of several studies at one hospital: all of them or none.

    The hospital is not asked to keep their images ready: small pictures are of what is there already.
    Raises: as open_own, NotFound also without a study.
    """
    return await _open(house, asker, bsn, frozenset(studies), gateway_id)


async def _open(house: House, asker: Asker, bsn: BSN, studies: frozenset[str], gateway_id: str) -> Grant:
    if not asker.session:
        raise Malformed("session_ended")
    own = resources.history_of(asker, bsn)
    await require(house, asker, Action.OPEN_OWN, own)
    timeline = await gather(house, asker, bsn)
    there = bool(studies) and all(held_in(timeline, Choice(uid, gateway_id)) is not None for uid in studies)
    if not there and (silent := unanswered(timeline)):
        raise Unavailable(silent[0].name)

    wanted = {gateway_id: sorted(studies)} if there else {}
    told = await ask_hospitals(house, wanted, asker.language, ask_for_patient(house, asker))
    confirmed = told[gateway_id].generation if gateway_id in told else None

    async def work(deed: Deed) -> Grant | Refusal:
        deed.about_patient(own.id, "own")
        if refusal := deed.authorise(own):
            return refusal
        if not there:
            return Refusal(NOT_FOUND)
        grant = await _grant(deed, timeline, studies, gateway_id, confirmed)
        deed.details = {
            "gateway": gateway_id,
            "hospital": house.directory.by_id(gateway_id).name,
            "grant": grant.handle,
            "studies": sorted(studies),
        }
        return grant

    return await perform(house, asker, Action.OPEN_OWN, work)


async def _grant(
    deed: Deed, timeline: Timeline, wanted: frozenset[str], gateway_id: str, confirmed: int | None
) -> Grant:
    asker, end = deed.asker, deed.now + ABSOLUTE
    had = await grants.of_visit(deed.connection, asker.session, gateway_id, wanted, deed.now)
    if had is not None:
        return had.grant
    at_hospital = [
        study.uid for study in timeline.studies if any(holding.gateway_id == gateway_id for holding in study.holdings)
    ]
    studies, ends_at = narrow(basis_studies=at_hospital, basis_end=end, asked=wanted, asked_end=end)
    terms = GrantTerms(
        gateway_id=gateway_id,
        basis="own",
        issuer=deed.house.settings.base_url,
        studies=studies,
        ends_at=ends_at,
        patient=asker.subject,
        receiver=asker.as_receiver(),
        receiver_key=asker.receiver_key,
        session=asker.session,
        confirmed=confirmed,
    )
    if len(studies) == 1:  # whoever opens an examination will look at it; a list of them is only glanced at
        await staging.want(
            deed.connection,
            basis="own",
            basis_id=asker.session,
            subject=asking_subject(deed.house, asker),
            studies={gateway_id: sorted(studies)},
            until=ends_at,
            now=deed.now,
        )
    return await grants.issue(deed.connection, terms, deed.now)
