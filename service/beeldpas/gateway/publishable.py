"""Which studies the registry should know, as the index has them now: mapped to a person, not withheld, with images.

*Source:* docs/wire.md §2; DICOM PS3.3 §C.7.5.1 (Institution Name: where the images were made).
"""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, not_, select, union
from sqlalchemy.ext.asyncio import AsyncConnection

from beeldpas.domain.bsn import BSN
from beeldpas.formats.dicom import dicom_date
from beeldpas.formats.fhir.publication import PublicationBasis, PublishedReport, PublishedSeries, PublishedStudy
from beeldpas.gateway.amendments import replaced
from beeldpas.gateway.pacs import catalogue
from beeldpas.gateway.pacs.port import RemoteSeries, RemoteStudy
from beeldpas.gateway.pacs.whole import is_whole
from beeldpas.gateway.publishable_instances import with_instances
from beeldpas.gateway.release import Onlooker, Rule, is_released, may_leave
from beeldpas.gateway.releasing import Kept, rules_of
from beeldpas.gateway.report_state import state_of, written_on
from beeldpas.gateway.store.staging import remote_study
from beeldpas.gateway.store.tables import instance, instance_metadata, report, series, study

_INSTITUTION = "00080080"
Rules = Mapping[str, Sequence[Kept]]


@dataclass(frozen=True, slots=True)
class Own:
    """What a hospital knows of itself: on what ground it publishes, and under which names it makes images.

    `lists`: whether it names every instance of a study.
    """

    basis: PublicationBasis
    institutions: frozenset[str]
    lists: bool = False


async def studies_after(
    connection: AsyncConnection, study_uid: str, limit: int, own: Own, now: datetime
) -> list[PublishedStudy]:
    """Return the next studies to be known, in the order of their UIDs: from the store, and from the PACS.

    As the patients themselves may see them now; what is kept back from others is told with each.
    """
    patient = Onlooker.at(now, stands_in=False)
    everything = union(_in_store(patient), _in_pacs(patient)).subquery()
    page = select(everything.c.uid).where(everything.c.uid > study_uid).order_by(everything.c.uid).limit(limit)
    uids = list((await connection.execute(page)).scalars())
    here = list(await connection.execute(_in_store(patient, select(study)).where(study.c.uid.in_(uids))))
    held = [row.uid for row in here]
    parts = await _series_of(connection, held, patient)
    if own.lists:
        parts = await with_instances(connection, parts, patient)
    rules = await rules_of(connection, uids)
    reports = await _reports_of(connection, held, instance.c.gone.is_(None), rules, patient)
    made_at = await _institutions_of(connection, held)
    found = [_study(row, parts[row.uid], reports[row.uid], made_at.get(row.uid, ""), own) for row in here]
    found += await _remote(connection, [uid for uid in uids if uid not in held], own, rules, patient)
    return [_with_rules(one, rules[one.study_uid]) for one in sorted(found, key=lambda one: one.study_uid)]


async def are_publishable(connection: AsyncConnection, study_uids: Sequence[str], now: datetime) -> set[str]:
    """Return which of these studies the registry should still know."""
    patient = Onlooker.at(now, stands_in=False)
    everything = union(_in_store(patient), _in_pacs(patient)).subquery()
    rows = await connection.execute(select(everything.c.uid).where(everything.c.uid.in_(study_uids)))
    return set(rows.scalars())


def _in_store(onlooker: Onlooker, wanted: Select[Any] | None = None) -> Select[Any]:
    found, table = select(study.c.uid) if wanted is None else wanted, study.c
    visible = select(instance.c.study_uid).where(instance.c.gone.is_(None), may_leave(onlooker))
    mapped = found.where(table.withheld == "", table.bsn != "", is_whole(table.uid))
    return mapped.where(is_released(table.uid, onlooker), table.uid.in_(visible))


def _in_pacs(onlooker: Onlooker) -> Select[Any]:
    """What the PACS has and the store has not, or not yet whole."""
    table = remote_study.c
    found = select(table.uid).where(table.withheld == "", table.bsn != "", not_(is_whole(table.uid)))
    return found.where(is_released(table.uid, onlooker))


def _with_rules(one: PublishedStudy, rules: Sequence[Kept]) -> PublishedStudy:
    kept = any(each.rule is Rule.REPRESENTATIVES for each in rules)
    return replace(one, withheld_from=("representatives",)) if kept else one


async def _remote(
    connection: AsyncConnection, uids: Sequence[str], own: Own, rules: Rules, onlooker: Onlooker
) -> list[PublishedStudy]:
    """What the PACS says of these studies; who made them it does not say. Reports are known once they were here."""
    series = await catalogue.series_of(connection, uids, onlooker)
    reports = await _reports_of(connection, uids, _left(), rules, onlooker)
    shown = await catalogue.shown(connection, uids, onlooker)
    return [_listed(one, bsn, series[one.uid], reports[one.uid], own) for one, _, bsn in shown]


def _listed(
    listed: RemoteStudy, bsn: BSN, parts: Sequence[RemoteSeries], reports: Sequence[PublishedReport], own: Own
) -> PublishedStudy:
    return PublishedStudy(
        study_uid=listed.uid,
        bsn=bsn,
        basis=own.basis,
        origin=True,
        accession=_clean(listed.accession),
        started=dicom_date(listed.study_date),
        description=_clean(listed.description),
        procedure="",
        series=tuple(
            PublishedSeries(
                uid=one.uid,
                number=_count(one.number),
                modality=one.modality or "OT",
                description=_clean(one.description),
                instances=one.instances or 0,
                body_part=_clean(one.body_part),
                laterality=one.laterality,
            )
            for one in parts
        ),
        reports=tuple(reports),
    )


async def _series_of(
    connection: AsyncConnection, uids: Sequence[str], onlooker: Onlooker
) -> Mapping[str, list[PublishedSeries]]:
    counts = (
        select(instance.c.study_uid, instance.c.series_uid, func.count().label("instances"))
        .where(instance.c.study_uid.in_(uids), instance.c.gone.is_(None), may_leave(onlooker))
        .group_by(instance.c.study_uid, instance.c.series_uid)
        .subquery()
    )
    rows = await connection.execute(
        select(series, counts.c.instances)
        .join(counts, (counts.c.study_uid == series.c.study_uid) & (counts.c.series_uid == series.c.uid))
        .order_by(series.c.number, series.c.uid)
    )
    found: dict[str, list[PublishedSeries]] = defaultdict(list)
    for row in rows:
        found[row.study_uid].append(
            PublishedSeries(
                uid=row.uid,
                number=_count(row.number),
                modality=row.modality or "OT",
                description=_clean(row.description),
                instances=row.instances,
                body_part=_clean(row.body_part),
                laterality=row.laterality,
            )
        )
    return found


def _left() -> ColumnElement[bool]:
    """The instances that went out of the index together, the last time that anything of their study did."""
    later = instance.alias()
    last = select(func.max(later.c.gone)).where(later.c.study_uid == instance.c.study_uid).scalar_subquery()
    return instance.c.gone == last


async def _reports_of(
    connection: AsyncConnection, uids: Sequence[str], which: ColumnElement[bool], rules: Rules, onlooker: Onlooker
) -> Mapping[str, list[PublishedReport]]:
    """Return the reports to be told of: under an embargo that is announced with its end, under another none."""
    rows = await connection.execute(
        select(instance.c.study_uid, instance.c.sop_uid, study.c.study_date, instance_metadata.c.model)
        .join(report, report.c.instance_id == instance.c.id)
        .join(instance_metadata, instance_metadata.c.instance_id == instance.c.id)
        .join(study, study.c.uid == instance.c.study_uid)
        .where(instance.c.study_uid.in_(uids), which)
        .order_by(instance.c.sop_uid)
    )
    newer = await replaced(connection, uids, onlooker)
    found: dict[str, list[PublishedReport]] = defaultdict(list)
    for row in rows:
        earlier = tuple(old for old, new in newer.items() if new == row.sop_uid)
        ends = {one.rule: one.until for one in rules[row.study_uid] if one.until and one.until > onlooker.day}
        if Rule.EMBARGO not in ends:
            state = state_of(row.model, replaces=bool(earlier))
            written = written_on(row.model) or dicom_date(row.study_date)
            told = PublishedReport(row.sop_uid, state, written, ends.get(Rule.ANNOUNCED), earlier)
            found[row.study_uid].append(told)
    return found


async def _institutions_of(connection: AsyncConnection, uids: Sequence[str]) -> dict[str, str]:
    """Where the first living file of each study says that it was made."""
    first = (
        select(func.min(instance.c.id))
        .where(instance.c.study_uid.in_(uids), instance.c.gone.is_(None))
        .group_by(instance.c.study_uid)
    )
    rows = await connection.execute(
        select(instance.c.study_uid, instance_metadata.c.model)
        .join(instance_metadata, instance_metadata.c.instance_id == instance.c.id)
        .where(instance.c.id.in_(first))
    )
    return {row.study_uid: _institution(json.loads(row.model)) for row in rows}


def _institution(model: Mapping[str, Any]) -> str:
    values = model.get(_INSTITUTION, {}).get("Value") or [""]
    return str(values[0])


def _study(
    row: Row[Any], parts: list[PublishedSeries], reports: list[PublishedReport], made_at: str, own: Own
) -> PublishedStudy:
    return PublishedStudy(
        study_uid=row.uid,
        bsn=BSN(row.bsn),
        basis=own.basis,
        origin=not made_at.strip() or made_at.strip().casefold() in own.institutions,
        accession=_clean(row.accession),
        started=dicom_date(row.study_date),
        description=_clean(row.description),
        procedure="",
        series=tuple(parts),
        reports=tuple(reports),
    )


def _count(number: int | None) -> int | None:
    return number if number is not None and 0 <= number < 2**31 else None


def _clean(text: str) -> str:
    """One line that FHIR can carry, whatever a header holds."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
