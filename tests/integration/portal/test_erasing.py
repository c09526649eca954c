"""Thirty days after its end a share is empty: nothing typed, no code, no study, no grant; its patient reads that."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import Table
from tests.cast import ANNA
from tests.sharing_town import Town, wrong

from beeldpas.domain.errors import Refused
from beeldpas.portal.actions.extend_share import extend_share
from beeldpas.portal.actions.open_own import open_own
from beeldpas.portal.actions.redeem_share import redeem_share
from beeldpas.portal.actions.revoke_share import revoke_share
from beeldpas.portal.actions.view_shares import view_shares
from beeldpas.portal.erasing import erase_due
from beeldpas.portal.store import consents, tables

TYPED = "dr. Dekker, Kliniek De Linde"


async def rows_of(town: Town, table: Table, share_id: str) -> list[Any]:
    return await town.rows(table, table.c.share_id == share_id)


async def events(town: Town, kind: str) -> list[dict[str, Any]]:
    rows = await town.rows(tables.access_log, tables.access_log.c.kind == kind)
    return [json.loads(row.record) for row in rows]


async def test_thirty_days_after_the_end_nothing_that_somebody_typed_is_left(town: Town) -> None:
    anna = await town.patient()
    made = await town.share(anna)
    await town.redeem(town.provider(), made)
    town.clock.pass_by(days=15 + 30)
    assert await erase_due(town.house) >= 1
    [share] = await rows_of(town, tables.share, made.share_id)
    assert (share.for_whom, share.note, share.pin_hash, share.organisation) == ("", "", "", None)
    assert share.reference == made.reference
    for table in (tables.share_study, tables.share_confirmed, tables.share_organisation, tables.issued_grant):
        assert await rows_of(town, table, made.share_id) == []
    assert TYPED not in str(await town.rows(tables.share)) + str(await town.rows(tables.access_log))


async def test_a_share_that_ended_a_day_less_ago_holds_everything(town: Town) -> None:
    made = await town.share(await town.patient())
    town.clock.pass_by(days=14 + 30)
    await erase_due(town.house)
    [share] = await rows_of(town, tables.share, made.share_id)
    assert share.for_whom == TYPED
    assert await rows_of(town, tables.share_study, made.share_id)


async def test_the_days_count_from_when_it_was_stopped_or_from_its_last_day(town: Town) -> None:
    anna = await town.patient()
    stopped, extended = await town.share(anna), await town.share(anna)
    await revoke_share(town.house, anna, share_id=stopped.share_id, why="asked")
    await extend_share(town.house, anna, extended.share_id, 14)
    town.clock.pass_by(days=31)
    await erase_due(town.house)
    assert (await rows_of(town, tables.share, stopped.share_id))[0].for_whom == ""
    assert (await rows_of(town, tables.share, extended.share_id))[0].for_whom == TYPED


async def test_that_somebody_agreed_and_to_which_text_stays(town: Town) -> None:
    made = await town.share(await town.patient())
    town.clock.pass_by(days=50)
    await erase_due(town.house)
    [consent] = await rows_of(town, consents.table, made.share_id)
    assert (consent.text_name, consent.relation, consent.acting) == ("2026-11/nl", "", None)
    assert consent.erased_at == town.clock.now


async def test_its_patient_reads_it_in_the_log_and_sees_the_share_without_what_it_held(town: Town) -> None:
    anna = await town.patient()
    made = await town.share(anna)
    await town.redeem(town.provider(), made)
    town.clock.pass_by(days=50)
    await erase_due(town.house)
    await erase_due(town.house)
    [event] = [one for one in await events(town, "erase_share") if one["reference"] == made.reference]
    assert (event["patient"], event["count"], event["actor_kind"]) == (anna.subject, 2, "program")
    [view] = await view_shares(town.house, await town.patient())
    assert (view.for_whom, view.studies, view.reference) == ("", (), made.reference)
    assert view.consent and view.consent.erased_at


async def test_with_the_logs_term_goes_what_is_left_of_a_share(town: Town) -> None:
    made = await town.share(await town.patient())
    town.clock.pass_by(days=5 * 365)
    await erase_due(town.house)
    assert await rows_of(town, tables.share, made.share_id)
    town.clock.pass_by(days=31)
    await erase_due(town.house)
    assert await rows_of(town, tables.share, made.share_id) == []
    assert await rows_of(town, consents.table, made.share_id) == []
    assert (await events(town, "forget_shares"))[-1]["count"] >= 1


async def test_an_empty_share_cannot_be_guessed_at(town: Town) -> None:
    made = await town.share(await town.patient())
    town.clock.pass_by(days=50)
    await erase_due(town.house)
    for pin in (made.pin, wrong(made.pin)):
        with pytest.raises(Refused) as refusal:
            await redeem_share(town.house, town.provider(), made.code, pin)
        assert refusal.value.reason == "code_unknown"


async def test_own_downloads_are_forgotten_after_the_same_time(town: Town) -> None:
    anna = await town.patient()
    grant = await open_own(town.house, anna, ANNA.bsn, "1.2.840.1", "noord")
    mine = tables.issued_grant.c.handle == grant.handle
    town.clock.pass_by(days=30)
    await erase_due(town.house)
    assert await town.rows(tables.issued_grant, mine)
    town.clock.pass_by(days=1)
    await erase_due(town.house)
    assert await town.rows(tables.issued_grant, mine) == []
    assert (await events(town, "erase_grants"))[-1]["count"] >= 1
