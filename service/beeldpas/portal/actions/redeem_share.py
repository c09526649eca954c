"""A care provider proves to hold code and PIN, and gets one grant per hospital.

An attempt at the PIN is spent and committed on its own before the PIN is looked at, so that neither a crash nor a
rollback nor two hundred requests at once give more than ten looks (thirteen when the helpdesk unlocked the share,
which it does once per code); the attempt of a right PIN is given back with the grants. Only who holds the right code
can spend one: a stranger locks nobody out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from secrets import token_hex

from beeldpas.database.engine import transaction
from beeldpas.domain.actions import Action
from beeldpas.domain.codes import PIN, ShareCode
from beeldpas.domain.errors import Malformed
from beeldpas.domain.grant import narrow
from beeldpas.domain.share import MAX_ATTEMPTS
from beeldpas.portal.actions import resources
from beeldpas.portal.actions.asker import Asker
from beeldpas.portal.actions.frame import Deed, Refusal, perform
from beeldpas.portal.actions.provider_view import ProviderView, as_provider_sees
from beeldpas.portal.actions.redeem_notices import tell_first_use, tell_waiting, tell_wrong_pin
from beeldpas.portal.actions.refusals import explain
from beeldpas.portal.fingerprint import fingerprints
from beeldpas.portal.house import House
from beeldpas.portal.pin import is_pin
from beeldpas.portal.store import confirmations, grants, organisations, share_studies, shares
from beeldpas.portal.store.grants import GrantTerms, StoredGrant
from beeldpas.portal.store.share_studies import SharedStudy
from beeldpas.portal.store.shares import Attempt, StoredShare

_CONSENTED: Mapping[str, list[str]] = {"consents": ["organisation"], "objections": ["anyone"]}
_LOCKED = Refusal("share_locked", {"n": MAX_ATTEMPTS})


@dataclass(frozen=True, slots=True)
class Redeemed:
    """The share that was opened, without what the hospitals say of it (that is `view_share`)."""

    share_id: str
    share: ProviderView


@dataclass(frozen=True, slots=True)
class Proof:
    """What the asker showed: a code that exists or not; with `attempt` set, the PIN was looked at."""

    fingerprints: Sequence[str]
    attempt: Attempt | None
    right: bool

    @property
    def pin(self) -> str:
        """What the policies call it."""
        if self.attempt is None:
            return "unseen"
        return "right" if self.right else "wrong"


async def redeem_share(house: House, asker: Asker, code: ShareCode, pin: PIN) -> Redeemed:
    """Open a share for this care provider, signed in or self-declared, and bind it to their organisation.

    Raises: Refused(code_unknown, pin_wrong {n}, share_locked, share_expired {date}, share_revoked,
    share_other_org, org_refused, provider_login_required); Malformed("who_missing") when a
    self-declared asker gave no name or organisation.
    """
    if not (asker.name.strip() and asker.organisation.strip()):
        raise Malformed("who_missing")
    proof = await _prove(house, asker, fingerprints(house.secrets, code), pin)

    async def work(deed: Deed) -> Redeemed | Refusal:
        if proof.attempt is not None and proof.right:
            await shares.return_attempt(deed.connection, proof.attempt)
        outcome = await _open(deed, proof)
        # Somebody else took or changed the share between our look and our grip: look once more.
        return await _open(deed, proof) or _LOCKED if outcome is None else outcome

    return await perform(house, asker, Action.REDEEM_SHARE, work)


async def _prove(house: House, asker: Asker, marks: Sequence[str], pin: PIN) -> Proof:
    """Spend an attempt in a transaction of its own, and only then look at the PIN; for care providers only."""
    if asker.kind != "provider":
        return Proof(marks, None, right=False)
    async with transaction(house.engine) as connection:
        attempt = await shares.spend_attempt(connection, marks, verified=asker.verified, now=house.clock())
    right = attempt is not None and await is_pin(house.secrets, attempt.pin_hash, attempt.share_id, pin)
    return Proof(marks, attempt, right)


async def _open(deed: Deed, proof: Proof) -> Redeemed | Refusal | None:
    """Authorise, bind and grant; None when the share changed in between."""
    stored = await shares.find_by_code(deed.connection, proof.fingerprints)
    if stored is None:
        return Refusal("code_unknown")
    deed.about_share(stored)
    said = await _said(deed, stored)
    seen = resources.share(_as_it_was(stored, proof), deed.now)
    if refusal := deed.authorise(seen, pin=proof.pin, **said):
        return await _refuse(deed, refusal, stored, proof)
    key, name = deed.asker.organisation_key, deed.asker.organisation
    allowed = "organisation" in said["consents"] and key != stored.organisation_key
    if not await shares.bind(deed.connection, stored, key, name, allowed=allowed, now=deed.now):
        return None
    studies = await share_studies.of_share(deed.connection, stored.share_id)
    held = await _grant(deed, stored, studies)
    deed.details = {"hospitals": [one.grant.gateway_id for one in held]}
    await tell_first_use(deed, stored)
    return Redeemed(stored.share_id, as_provider_sees(deed.house, stored, studies, held, {}))


def _as_it_was(stored: StoredShare, proof: Proof) -> StoredShare:
    """The last wrong PIN locks the share; others that were spent at the same time do not count for this asker."""
    if proof.attempt is None or proof.right:
        return stored
    extra = proof.attempt.most - MAX_ATTEMPTS
    return replace(stored, attempts_spent=proof.attempt.number, extra_attempts=extra)


async def _said(deed: Deed, stored: StoredShare) -> Mapping[str, list[str]]:
    """Return what the patient consented and objected to: a letter is for anyone until a first one used it."""
    key = deed.asker.organisation_key
    if stored.organisation_key is None:
        return {"consents": ["anyone"], "objections": []}
    if stored.organisation_key == key:
        return _CONSENTED
    answer = await organisations.answer_for(deed.connection, stored.share_id, key)
    if answer == "allowed":
        return _CONSENTED
    return {"consents": [], "objections": ["anyone", "organisation"] if answer == "refused" else ["anyone"]}


async def _refuse(deed: Deed, refusal: Refusal, stored: StoredShare, proof: Proof) -> Refusal:
    """Do what belongs to a refusal: count down, or let the organisation wait; and tell the patient."""
    if proof.attempt is not None and not proof.right:
        await tell_wrong_pin(deed, stored, proof.attempt.number)
    if refusal.reason == "pin_wrong":
        if proof.attempt is None:
            return explain(_LOCKED, stored)  # no attempt was left when it was asked for
        left = proof.attempt.most - proof.attempt.number
        deed.details = {"attempts_left": left}
        return Refusal("pin_wrong", {"n": left})
    if refusal.reason == "share_other_org":
        asker = deed.asker
        await organisations.ask(
            deed.connection,
            token_hex(16),
            stored.share_id,
            asker.organisation_key,
            asker.organisation,
            deed.now,
        )
        await tell_waiting(deed, stored)
    return explain(refusal, stored)


async def _grant(deed: Deed, stored: StoredShare, studies: Sequence[SharedStudy]) -> tuple[StoredGrant, ...]:
    """Give one grant per hospital; who has one keeps it."""
    asker = deed.asker
    held = await grants.held(deed.connection, stored.share_id, asker.receiver_key)
    has = {one.grant.gateway_id for one in held}
    confirmed = await confirmations.of_share(deed.connection, stored.share_id)
    for gateway_id in sorted({study.gateway_id for study in studies} - has):
        uids = [study.uid for study in studies if study.gateway_id == gateway_id]
        narrowed, ends_at = narrow(
            basis_studies=uids, basis_end=stored.expires_at, asked=uids, asked_end=stored.expires_at
        )
        terms = GrantTerms(
            gateway_id=gateway_id,
            basis="share",
            issuer=deed.house.settings.base_url,
            studies=narrowed,
            ends_at=ends_at,
            patient=stored.patient,
            receiver=asker.as_receiver(),
            receiver_key=asker.receiver_key,
            share_id=stored.share_id,
            confirmed=confirmed.get(gateway_id),
        )
        await grants.issue(deed.connection, terms, deed.now)
    return await grants.held(deed.connection, stored.share_id, asker.receiver_key)
