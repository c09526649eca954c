"""A patient makes a share: what the hospitals confirm at this moment, nothing that only a browser said."""

from collections.abc import Sequence
from secrets import token_bytes, token_hex

from beeldpas.domain.actions import Action
from beeldpas.domain.bsn import BSN
from beeldpas.domain.codes import REFERENCE_BYTES, Reference
from beeldpas.domain.share import ShareTerms, end_after
from beeldpas.portal.actions import resources
from beeldpas.portal.actions.asker import Asker
from beeldpas.portal.actions.frame import Deed, Refusal, perform
from beeldpas.portal.actions.made_share import MadeShare, NewKeys, make_keys
from beeldpas.portal.actions.preview_share import Choice, PreviewItem, SharePreview, look_up
from beeldpas.portal.actions.question import asking_subject
from beeldpas.portal.house import House
from beeldpas.portal.store import confirmations, consents, share_studies, shares, staging
from beeldpas.portal.store.consents import Consent
from beeldpas.portal.store.share_studies import SharedStudy
from beeldpas.portal.store.shares import StoredShare

DOUBLE_SUBMIT = "double_submit"
MOST_OPEN_SHARES = 20


async def make_share(
    house: House, asker: Asker, bsn: BSN, chosen: Sequence[Choice], terms: ShareTerms, request_id: str
) -> MadeShare:
    """Make a share and return its code and PIN, for this once.

    `request_id` is the form's own random id: sent twice, the share is made once.
    Raises: Conflict("double_submit") with the `share_id` that the first made; Refused(share_nothing_chosen,
    share_date_out_of_range, share_limit, share_study_gone, share_hospital_unconfirmed); NotFound.
    """
    own = resources.history_of(asker, bsn)
    if own.id == asker.subject and chosen:
        preview = await look_up(house, asker, bsn, chosen)
    else:
        preview = SharePreview((), (), (), {})
    share_id = token_hex(16)
    keys = await make_keys(house, share_id)

    async def work(deed: Deed) -> MadeShare | Refusal:
        deed.about_patient(own.id, "own")
        if earlier := await shares.find_by_request(deed.connection, own.id, request_id):
            return _again(deed, earlier)
        open_shares = await shares.count_open(deed.connection, own.id, deed.now)
        refusal = deed.authorise(
            own,
            chosen=len(chosen),
            days=terms.days,
            open_shares=open_shares,
            gone=len(preview.gone),
            unconfirmed=len(preview.unconfirmed),
        )
        if refusal:
            return _explained(refusal, house, preview)
        new = _new_share(deed, share_id, request_id, terms, keys)
        return await _keep(deed, new, preview, keys, terms.consent)

    return await perform(house, asker, Action.MAKE_SHARE, work)


async def _keep(
    deed: Deed, new: StoredShare, preview: SharePreview, keys: NewKeys, agreed_to: str
) -> MadeShare | Refusal:
    """Keep the share and what rests on it. For whom it is does not go into the log: it is erased with the share."""
    items = preview.items
    if not await shares.insert(deed.connection, new):
        earlier = await shares.find_by_request(deed.connection, new.patient, new.request_id)
        return _again(deed, earlier or new)
    await share_studies.insert_all(deed.connection, new.share_id, [as_shared(item) for item in items])
    await confirmations.keep(deed.connection, new.share_id, preview.generations)
    await consents.keep(
        deed.connection, Consent(new.share_id, agreed_to, deed.asker.relation, deed.asker.acting or None)
    )
    await _have_staged(deed, new, items)
    deed.about_share(new)
    deed.details = {
        "studies": [item.study.uid for item in items],
        "hospitals": sorted({item.hospital.gateway_id for item in items}),
        "ends_at": new.expires_at.isoformat(),
        "consent": agreed_to,
    }
    return keys.of(new)


async def _have_staged(deed: Deed, new: StoredShare, items: Sequence[PreviewItem]) -> None:
    """Let each hospital have the images ready for as long as the share lasts."""
    studies: dict[str, list[str]] = {}
    for item in items:
        studies.setdefault(item.hospital.gateway_id, []).append(item.study.uid)
    await staging.want(
        deed.connection,
        basis="share",
        basis_id=new.share_id,
        subject=asking_subject(deed.house, deed.asker),
        studies=studies,
        until=new.expires_at,
        now=deed.now,
    )


def _new_share(deed: Deed, share_id: str, request_id: str, terms: ShareTerms, keys: NewKeys) -> StoredShare:
    return StoredShare(
        share_id=share_id,
        reference=str(Reference.new(token_bytes(REFERENCE_BYTES))),
        patient=deed.asker.subject,
        request_id=request_id,
        for_whom=terms.for_whom,
        note=terms.note,
        language=terms.language,
        allow_self_declared=terms.allow_self_declared,
        made_at=deed.now,
        expires_at=end_after(deed.now, terms.days),
        revoked_at=None,
        code_fingerprint=keys.code_fingerprint,
        pin_hash=keys.pin_hash,
        attempts_spent=0,
        organisation_key=None,
        organisation=None,
    )


def _again(deed: Deed, earlier: StoredShare) -> Refusal:
    deed.about_share(earlier)
    return Refusal(DOUBLE_SUBMIT, {"share_id": earlier.share_id}, conflict=True)


def _explained(refusal: Refusal, house: House, preview: SharePreview) -> Refusal:
    """Add what the sentence of this state names: a number, or a hospital."""
    if refusal.reason == "share_limit":
        return Refusal(refusal.reason, {"n": MOST_OPEN_SHARES})
    if refusal.reason == "share_study_gone":
        hospital = house.directory.by_id(preview.gone[0].gateway_id)
        return Refusal(refusal.reason, {"hospital": hospital.name, "n": len(preview.gone)})
    if refusal.reason == "share_hospital_unconfirmed":
        return Refusal(refusal.reason, {"hospital": preview.unconfirmed[0].name})
    return refusal


def as_shared(item: PreviewItem) -> SharedStudy:
    """Return what the share keeps of a study: as the hospital confirmed it, just now."""
    study, preview = item.study, item.preview
    return SharedStudy(
        uid=study.uid,
        gateway_id=item.hospital.gateway_id,
        hospital=item.hospital.name,
        modalities=study.modalities,
        body_part=study.body_part,
        laterality=study.laterality,
        started=study.started,
        description=study.description,
        instances=preview.instances if preview else study.instances,
        reports=len(preview.reports) if preview else len(study.reports),
    )
