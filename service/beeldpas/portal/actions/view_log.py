"""A patient reads who did what with their data: the portal's own rows and what the hospitals reported."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from beeldpas.audit import log
from beeldpas.audit.events import CATALOGUE, Reader
from beeldpas.audit.leaf import Json
from beeldpas.domain.actions import Action
from beeldpas.portal.actions import resources
from beeldpas.portal.actions.asker import Asker
from beeldpas.portal.actions.frame import Deed, Refusal, perform
from beeldpas.portal.house import House


@dataclass(frozen=True, slots=True)
class LogLine:
    """One row as the patient may see it.

    `action` is a verb, or `download` / `retrieve` as a hospital reported it (`source` is then its gateway id);
    `outcome` is done or refused (then `reason` says why), or how a use went: running, completed, cut, revoked.
    `what` holds the details of this kind of event (see the catalogue), such as `studies` and `hospital`.
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


async def view_log(
    house: House, asker: Asker, *, since: datetime | None = None, until: datetime | None = None
) -> tuple[LogLine, ...]:
    """Return the patient's own log, newest first, from `since` up to but not including `until`. Raises: NotFound."""

    async def work(deed: Deed) -> tuple[LogLine, ...] | Refusal:
        deed.about_patient(asker.subject, "own")
        if refusal := deed.authorise(resources.history(asker.subject)):
            return refusal
        records = await log.of_patient(deed.connection, Reader.PATIENT, asker.names, since, until)
        deed.details = {"found": len(records)}
        return tuple(_line(record) for record in records)

    return await perform(house, asker, Action.VIEW_LOG, work)


def _line(record: log.Record) -> LogLine:
    size = record.get("bytes")
    reference = record["reference"]
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
    )
