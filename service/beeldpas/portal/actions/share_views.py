"""What is told of a share: to the patient who made it, and piece by piece to others."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from beeldpas.audit import log
from beeldpas.audit.events import Reader, Use
from beeldpas.domain.actions import Action
from beeldpas.domain.share import ShareState
from beeldpas.portal.store import confirmations, consents, organisations, share_studies, staging
from beeldpas.portal.store.consents import Consent
from beeldpas.portal.store.organisations import WaitingOrganisation
from beeldpas.portal.store.share_studies import SharedStudy
from beeldpas.portal.store.shares import StoredShare
from beeldpas.portal.store.staging import HowFar

_USES = frozenset({Action.REDEEM_SHARE, Use.DOWNLOAD, Use.RETRIEVE})


@dataclass(frozen=True, slots=True)
class UseView:
    """One use of a share. `what` is redeem_share, download or retrieve; `outcome` how it went (see LogLine)."""

    at: datetime
    receiver: str
    organisation: str
    verified: bool
    what: str
    bytes: int | None
    outcome: str
    hospital: str


@dataclass(frozen=True, slots=True)
class StoppedView:
    """Who stopped a share for good and why; `stood_in`: somebody who stands in for the patient did."""

    by: str
    stood_in: bool
    why: str
    note: str


@dataclass(frozen=True, slots=True)
class ShareView:
    """One share as its patient sees it; never the code or the PIN.

    `confirmed`: the generation of each hospital's index (by id) that the patient saw; `late`: the hospitals (by id)
    that are still fetching something of it; `consent`: what it rests on, and whether all else was erased since.
    """

    share_id: str
    reference: str
    for_whom: str
    note: str
    language: str
    allow_self_declared: bool
    made_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    state: ShareState
    suspended_at: datetime | None
    suspended_why: str
    attempts_spent: int
    organisation: str | None
    waiting: tuple[WaitingOrganisation, ...]
    studies: tuple[SharedStudy, ...]
    confirmed: Mapping[str, int]
    uses: tuple[UseView, ...]
    late: Mapping[str, HowFar]
    consent: Consent | None
    stopped: StoppedView | None


async def as_patient_sees(
    connection: AsyncConnection, stored: Sequence[StoredShare], now: datetime
) -> tuple[ShareView, ...]:
    """Return the views of these shares, in their order; seven statements, however many there are."""
    share_ids = tuple(share.share_id for share in stored)
    studies = await share_studies.of_shares(connection, share_ids)
    confirmed = await confirmations.of_shares(connection, share_ids)
    agreed = await consents.of_shares(connection, share_ids)
    waiting = await organisations.waiting_for(connection, share_ids)
    late = await staging.how_far(connection, "share", share_ids)
    records = await log.of_shares(connection, Reader.PATIENT, share_ids)
    uses, stopped = uses_by_share(records), _stopped_by_share(records)
    return tuple(
        ShareView(
            share_id=share.share_id,
            reference=share.reference,
            for_whom=share.for_whom,
            note=share.note,
            language=share.language,
            allow_self_declared=share.allow_self_declared,
            made_at=share.made_at,
            expires_at=share.expires_at,
            revoked_at=share.revoked_at,
            state=share.state(now),
            suspended_at=share.suspended_at,
            suspended_why=share.suspended_why or "",
            attempts_spent=share.attempts_spent,
            organisation=share.organisation,
            waiting=waiting.get(share.share_id, ()),
            studies=studies.get(share.share_id, ()),
            confirmed=confirmed[share.share_id],
            uses=uses.get(share.share_id, ()),
            late=late.get(share.share_id, {}),
            consent=agreed.get(share.share_id),
            stopped=stopped.get(share.share_id),
        )
        for share in stored
    )


def uses_by_share(records: Iterable[log.Record]) -> Mapping[str, tuple[UseView, ...]]:
    """Return the uses in these log rows (newest first) per share.

    A download is told once: its start is left out when its end is there.
    """
    uses: dict[str, list[UseView]] = {}
    ended: dict[str, int] = {}
    for record in records:
        if record["kind"] not in _USES or record["outcome"] == "refused":
            continue
        grant = str(record.get("grant", ""))
        if record.get("phase") == "ended":
            ended[grant] = ended.get(grant, 0) + 1
        elif record.get("phase") == "started" and ended.get(grant):
            ended[grant] -= 1
            continue
        uses.setdefault(str(record["share_id"]), []).append(_use(record))
    return {share_id: tuple(views) for share_id, views in uses.items()}


def _stopped_by_share(records: Iterable[log.Record]) -> Mapping[str, StoppedView]:
    """Return who stopped what; who pressed again, stopped nothing, and gave no reason."""
    stopped: dict[str, StoppedView] = {}
    for record in records:
        if record["kind"] == Action.REVOKE_SHARE and record["outcome"] == "done" and record.get("why"):
            by, stood_in = str(record["actor_kind"]), bool(record.get("on_behalf"))
            said = StoppedView(by, stood_in, str(record.get("why") or ""), str(record.get("note") or ""))
            stopped[str(record["share_id"])] = said
    return stopped


def _use(record: log.Record) -> UseView:
    size = record.get("bytes")
    return UseView(
        at=datetime.fromisoformat(str(record["at"])),
        receiver=str(record["name"]),
        organisation=str(record["organisation"]),
        verified=bool(record["verified"]),
        what=str(record["kind"]),
        bytes=size if isinstance(size, int) else None,
        outcome=str(record["outcome"]),
        hospital=str(record.get("hospital", "")),
    )
