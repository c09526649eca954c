"""A patient reads who did what with their data: the portal's own rows and what the hospitals reported."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from beeldpas.audit import reading
from beeldpas.audit.events import CATALOGUE, Reader, Use
from beeldpas.audit.leaf import Json
from beeldpas.audit.log import Record
from beeldpas.audit.reading import Place, Wanted
from beeldpas.domain.actions import Action
from beeldpas.portal.actions import resources, whose_deed
from beeldpas.portal.actions.asker import Asker
from beeldpas.portal.actions.frame import NOT_FOUND, Deed, Refusal, perform
from beeldpas.portal.actions.log_story import AROUND, PARTS, Doubt, Judgement, judge
from beeldpas.portal.house import House
from beeldpas.portal.store import grants, share_studies, shares
from beeldpas.portal.store.share_studies import SharedStudy

PAGE = 50
_MOST_AROUND = 2000
# What somebody does to see a study; what was only prepared is not seeing it.
_SEEING = (Action.READ_REPORT, Use.DOWNLOAD, Use.RETRIEVE)
_MOST_SHARES = 200
_NOTHING = Judgement()


@dataclass(frozen=True, slots=True)
class LogLine:
    """One row as the patient may see it.

    `action` is a verb, or `download` / `retrieve` as a hospital reported it (`source` is then its gateway id);
    `outcome` is done or refused (then `reason` says why), or how a use went: running, completed, cut, revoked.
    `what` holds the details of this kind of event (see the catalogue), such as `studies` and `hospital`.
    `studies` are those of `what` that the patient shared, as they were when shared. `within`: told by another line;
    `doubts`: what portal and hospital do not agree on. `roles` are those with which a care provider signed in.
    """

    event_id: str
    at: datetime
    action: str
    outcome: str
    reason: str
    who: str
    who_kind: str
    organisation: str
    verified: bool
    on_behalf: str
    what: Mapping[str, Json]
    basis: str
    share_reference: str | None
    source: str
    bytes: int | None
    roles: tuple[str, ...] = ()
    studies: tuple[SharedStudy, ...] = ()
    within: bool = False
    doubts: tuple[Doubt, ...] = ()
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class LogQuery:
    """Which part of the log: `until` is exclusive, `reference` names one share, `others` leaves out own deeds.

    `study`: only who saw that study, the patient too.
    """

    since: datetime | None = None
    until: datetime | None = None
    reference: str = ""
    others: bool = False
    before: Place | None = None
    limit: int = PAGE
    study: str = ""


@dataclass(frozen=True, slots=True)
class LogPage:
    """Some lines, newest first; `older` is where the next ones begin, None when there are none."""

    lines: tuple[LogLine, ...]
    older: Place | None
    shares: tuple[tuple[str, str], ...]


async def view_log(
    house: House, asker: Asker, *, since: datetime | None = None, until: datetime | None = None
) -> tuple[LogLine, ...]:
    """Return the newest lines of the patient's own log, from `since` up to but not including `until`.

    Raises: NotFound.
    """
    return (await view_log_page(house, asker, LogQuery(since, until))).lines


async def view_log_page(house: House, asker: Asker, query: LogQuery) -> LogPage:
    """Return one page of the patient's own log, with (reference, for whom) of the newest shares. Raises: NotFound."""

    async def work(deed: Deed) -> LogPage | Refusal:
        deed.about_patient(asker.subject, "own")
        if refusal := deed.authorise(resources.history(asker.subject)):
            return refusal
        own = (await shares.of_patient(deed.connection, asker.subject))[:_MOST_SHARES]
        wanted = Wanted(
            query.since,
            query.until,
            _share_ids(own, query.reference),
            _kinds(query),
            grounds=() if query.study else whose_deed.other_grounds(asker),
            study=query.study,
        )
        rows = await reading.older(
            deed.connection, Reader.PATIENT, asker.names, wanted, before=query.before, limit=query.limit + 1
        )
        shown = rows[: query.limit]
        lines = await _lines(deed, asker, shown)
        deed.details = {"found": len(shown)}
        older = shown[-1][0] if len(rows) > query.limit else None
        own_too = [
            line for line in lines if not query.others or whose_deed.is_anothers(asker, line.who_kind, line.on_behalf)
        ]
        return LogPage(tuple(own_too), older, tuple((share.reference, share.for_whom) for share in own))

    return await perform(house, asker, Action.VIEW_LOG, work)


async def view_log_line(house: House, asker: Asker, event_id: str) -> LogLine:
    """Return one line of the patient's own log. Raises: NotFound for any other, and for one past its term."""

    async def work(deed: Deed) -> LogLine | Refusal:
        deed.about_patient(asker.subject, "own")
        if refusal := deed.authorise(resources.history(asker.subject)):
            return refusal
        rows = await reading.older(deed.connection, Reader.PATIENT, asker.names, Wanted(event_id=event_id), limit=1)
        lines = await _lines(deed, asker, rows)
        deed.details = {"found": len(lines)}
        return lines[0] if lines else Refusal(NOT_FOUND)

    return await perform(house, asker, Action.VIEW_LOG, work)


def _kinds(query: LogQuery) -> Collection[str] | None:
    if query.study:
        return _SEEING
    return whose_deed.kinds_of_others() if query.others else None


def _share_ids(own: Sequence[shares.StoredShare], reference: str) -> list[str] | None:
    return [share.share_id for share in own if share.reference == reference] if reference else None


async def _lines(deed: Deed, asker: Asker, rows: Sequence[tuple[Place, Record]]) -> list[LogLine]:
    """Put beside each row what is known of its use: from the other half of the story, the grant and the share."""
    records = [record for _, record in rows]
    judged = await _judged(deed, asker, rows)
    share_ids = sorted({str(record["share_id"]) for record in records if record.get("share_id")})
    studies = await share_studies.of_shares(deed.connection, share_ids)
    roles = await _roles(deed.connection, asker, share_ids)
    lines = (
        _line(place, record, judged.get(str(record["event_id"]), _NOTHING), studies, roles) for place, record in rows
    )
    return [replace(one, who_kind=whose_deed.seen_kind(asker, one.who_kind, one.on_behalf)) for one in lines]


async def _judged(deed: Deed, asker: Asker, rows: Sequence[tuple[Place, Record]]) -> Mapping[str, Judgement]:
    handles = {str(record["grant"]) for _, record in rows if record.get("grant")}
    if not handles:
        return {}
    oldest, newest = rows[-1][0].at, rows[0][0].at
    around = Wanted(oldest - AROUND, newest + AROUND, None, frozenset(PARTS))
    most = _MOST_AROUND + 2 * len(rows)
    found = await reading.older(deed.connection, Reader.PATIENT, asker.names, around, limit=most)
    parts = [record for _, record in found if record.get("grant") in handles]
    granted = await grants.find_all(deed.connection, handles)
    return judge(parts, granted, deed.now, has_beginning=len(found) < most)


async def _roles(connection: AsyncConnection, asker: Asker, share_ids: Sequence[str]) -> Mapping[str, Json]:
    """Return with which roles people opened these shares: what a hospital reports does not hold them."""
    if not share_ids:
        return {}
    wanted = Wanted(share_ids=share_ids, kinds=(Action.REDEEM_SHARE,))
    opened = await reading.older(connection, Reader.PATIENT, asker.names, wanted, limit=_MOST_SHARES)
    return {_person(record): record["roles"] for _, record in opened if record["roles"]}


def _person(record: Record) -> str:
    return f"{record.get('share_id')}\n{record['name']}\n{record['organisation']}"


def _line(
    place: Place,
    record: Record,
    judgement: Judgement,
    studies: Mapping[str, Sequence[SharedStudy]],
    roles: Mapping[str, Json],
) -> LogLine:
    size, reference = record.get("bytes"), record["reference"]
    own_roles = record["roles"] or roles.get(_person(record), [])
    return LogLine(
        event_id=str(record["event_id"]),
        at=datetime.fromisoformat(str(record["at"])),
        action=str(record["kind"]),
        outcome=str(record["outcome"]),
        reason=str(record["reason"]),
        who=str(record["name"]),
        who_kind=str(record["actor_kind"]),
        organisation=str(record["organisation"]),
        verified=bool(record["verified"]),
        on_behalf=str(record["on_behalf"]),
        what={name: record[name] for name in CATALOGUE[str(record["kind"])].details if name in record},
        basis=str(record["basis"]),
        share_reference=None if reference is None else str(reference),
        source=str(record["source"]),
        bytes=size if isinstance(size, int) else None,
        roles=tuple(str(role) for role in own_roles) if isinstance(own_roles, list) else (),
        studies=tuple(_named(record, studies.get(str(record.get("share_id")), ()))),
        within=judgement.within,
        doubts=tuple(judgement.doubts),
        place=place,
    )


def _named(record: Record, shared: Sequence[SharedStudy]) -> Iterable[SharedStudy]:
    """Return the shared studies that a row is about: of a use those at its hospital."""
    uids, gateway = record.get("studies"), record.get("gateway")
    if not isinstance(uids, list):
        return ()
    is_use = record["kind"] in (Use.DOWNLOAD, Use.RETRIEVE)
    return (study for study in shared if study.uid in uids and (not is_use or study.gateway_id == gateway))
