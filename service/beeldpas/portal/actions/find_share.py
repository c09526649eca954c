"""The helpdesk finds a share by its reference: its state and its use, and nothing that it opens or holds."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from beeldpas.audit import log
from beeldpas.audit.events import Reader
from beeldpas.domain.actions import Action
from beeldpas.domain.codes import Reference
from beeldpas.domain.share import ShareState
from beeldpas.portal.actions import resources
from beeldpas.portal.actions.asker import Asker
from beeldpas.portal.actions.frame import Deed, Refusal, perform
from beeldpas.portal.actions.looking_up import too_many
from beeldpas.portal.actions.pausing import is_on_the_line
from beeldpas.portal.house import House
from beeldpas.portal.store import shares
from beeldpas.portal.store.shares import StoredShare

# What the helpdesk itself did: whose it is goes without saying, and no care provider signed in for it.
_OWN = frozenset(
    {
        Action.REVOKE_SHARE,
        Action.SUSPEND_SHARE,
        Action.RESUME_SHARE,
        Action.UNLOCK_SHARE,
        Action.CONFIRM_BULK_REVOKE,
    }
)
_UNKNOWN = Refusal("ref_unknown")
_REMEMBERED = timedelta(days=30)
_NOT_SHOWN = frozenset({Action.FIND_SHARE, Action.EXCHANGE_CODE})


@dataclass(frozen=True, slots=True)
class HelpdeskUse:
    """That something happened with a share: when, by which organisation, how it went."""

    at: datetime
    what: str
    outcome: str
    organisation: str
    verified: bool


@dataclass(frozen=True, slots=True)
class Revocation:
    """When a share was stopped, and the reason that was given."""

    at: datetime
    why: str


@dataclass(frozen=True, slots=True)
class HelpdeskView:
    """What helps the caller: no name of the patient, no hospital, no study, no code, no PIN."""

    reference: str
    state: ShareState
    made_at: datetime
    expires_at: datetime
    attempts_spent: int
    most_attempts: int
    can_unlock: bool
    suspended_at: datetime | None
    suspended_why: str
    is_on_the_line: bool
    uses: tuple[HelpdeskUse, ...]
    revocations: tuple[Revocation, ...]


async def find_share(house: House, asker: Asker, reference: Reference | str) -> HelpdeskView:
    """Return the share with this reference. Every look is in the patient's log.

    Unknown, not for this asker, and over for thirty days have one answer: a reference that nobody uses any more
    says as little as one that never was.
    Raises: Malformed("ref_unknown") or Refused("ref_unknown"); Refused("too_many_lookups").
    """
    wanted = Reference.parse(str(reference))

    async def work(deed: Deed) -> HelpdeskView | Refusal:
        if refusal := await too_many(deed):
            return refusal
        stored = await shares.find_by_reference(deed.connection, str(wanted))
        if stored is None or _is_long_over(stored, deed.now):
            return _UNKNOWN
        deed.about_share(stored)
        if deed.authorise(resources.share(stored, deed.now)):
            return _UNKNOWN
        records = await log.of_shares(deed.connection, Reader.HELPDESK, (stored.share_id,))
        return _view(stored, records, deed.now, is_on_the_line=await is_on_the_line(deed, stored))

    return await perform(house, asker, Action.FIND_SHARE, work)


def _is_long_over(stored: StoredShare, now: datetime) -> bool:
    return now - min(stored.revoked_at or stored.expires_at, stored.expires_at) > _REMEMBERED


def _view(
    stored: StoredShare, records: tuple[log.Record, ...], now: datetime, *, is_on_the_line: bool
) -> HelpdeskView:
    return HelpdeskView(
        reference=stored.reference,
        state=stored.state(now),
        made_at=stored.made_at,
        expires_at=stored.expires_at,
        attempts_spent=stored.attempts_spent,
        most_attempts=stored.most_attempts,
        can_unlock=stored.state(now) is ShareState.LOCKED and not stored.extra_attempts,
        suspended_at=stored.suspended_at,
        suspended_why=stored.suspended_why or "",
        is_on_the_line=is_on_the_line,
        uses=tuple(_use(record) for record in records if record["kind"] not in _NOT_SHOWN),
        revocations=tuple(
            Revocation(_at(record), str(record["why"]))
            for record in records
            if record["kind"] == Action.REVOKE_SHARE and "why" in record
        ),
    )


def _use(record: log.Record) -> HelpdeskUse:
    phase = record.get("phase")
    return HelpdeskUse(
        at=_at(record),
        what=str(record["kind"]) if phase is None else f"{record['kind']}_{phase}",
        outcome=str(record["reason"] or record["outcome"]),
        organisation="" if record["kind"] in _OWN else str(record["organisation"]),
        verified=bool(record["verified"]),
    )


def _at(record: log.Record) -> datetime:
    return datetime.fromisoformat(str(record["at"]))
