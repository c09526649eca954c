"""The instances by name of studies that are published, where the hospital names them.

A study with more than an index takes is published without: its absence is then told there, and nothing is cut off.
*Source:* docs/wire.md §2.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from beeldpas.formats.fhir.publication import PublishedInstance, PublishedSeries
from beeldpas.formats.instance_lists import MOST
from beeldpas.gateway.release import Onlooker, may_leave
from beeldpas.gateway.store.tables import instance

Parts = Mapping[str, list[PublishedSeries]]


async def with_instances(connection: AsyncConnection, parts: Parts, onlooker: Onlooker) -> Parts:
    """Return the series of studies, by study, with the instances of each that may leave, in their order."""
    rows = await connection.execute(
        select(instance.c.study_uid, instance.c.series_uid, instance.c.sop_uid, instance.c.sop_class)
        .where(instance.c.study_uid.in_(list(parts)), instance.c.gone.is_(None), may_leave(onlooker))
        .order_by(instance.c.number, instance.c.sop_uid)
    )
    found: dict[tuple[str, str], list[PublishedInstance]] = defaultdict(list)
    for study_uid, series_uid, sop_uid, sop_class in rows:
        found[study_uid, series_uid].append(PublishedInstance(sop_uid, sop_class))
    return {uid: _listed(series, {one.uid: found[uid, one.uid] for one in series}) for uid, series in parts.items()}


def _listed(
    series: Sequence[PublishedSeries], found: Mapping[str, Sequence[PublishedInstance]]
) -> list[PublishedSeries]:
    if sum(len(one) for one in found.values()) > MOST:
        return list(series)
    return [replace(one, listed=tuple(found[one.uid])) for one in series]
