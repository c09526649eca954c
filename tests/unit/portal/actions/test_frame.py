"""The frame: what was not permitted, or cannot be recorded, did not happen; what was refused stays on record."""

import json

import pytest
from sqlalchemy.exc import OperationalError
from tests.sharing_town import Town

from beeldpas.audit import log
from beeldpas.database.engine import open_engine
from beeldpas.domain.actions import Action
from beeldpas.domain.errors import Conflict, NotFound, Refused, Unavailable
from beeldpas.portal.actions import resources
from beeldpas.portal.actions.extend_share import extend_share
from beeldpas.portal.actions.frame import Deed, Refusal, perform, require
from beeldpas.portal.actions.revoke_share import revoke_share
from beeldpas.portal.actions.view_shares import view_shares
from beeldpas.portal.store import shares
from beeldpas.portal.store.tables import access_log, share


async def test_work_that_did_not_ask_the_policies_does_not_happen(town: Town) -> None:
    anna = await town.patient()
    made = await town.share(anna)

    async def sneaky(deed: Deed) -> None:
        await shares.revoke(deed.connection, made.share_id, deed.now)

    with pytest.raises(RuntimeError, match="permit"):
        await perform(town.house, anna, Action.REVOKE_SHARE, sneaky)
    assert (await town.rows(share, share.c.share_id == made.share_id))[0].revoked_at is None


async def test_work_that_goes_on_after_a_no_does_not_happen(town: Town) -> None:
    made = await town.share(await town.patient())
    stranger = town.provider(verified=True)

    async def deaf(deed: Deed) -> None:
        deed.authorise(resources.history("somebody"))
        await shares.revoke(deed.connection, made.share_id, deed.now)

    with pytest.raises(RuntimeError, match="permit"):
        await perform(town.house, stranger, Action.VIEW_SHARES, deaf)
    assert (await town.rows(share, share.c.share_id == made.share_id))[0].revoked_at is None


async def test_a_refusal_is_recorded_with_what_it_spent_and_then_raised(town: Town) -> None:
    anna = await town.patient()
    made = await town.share(anna)

    async def spend_and_refuse(deed: Deed) -> Refusal:
        stored = await shares.find(deed.connection, made.share_id)
        await shares.spend_attempt(deed.connection, [stored.code_fingerprint], verified=True, now=deed.now)
        deed.about_share(stored)
        return Refusal("pin_wrong", {"n": 9})

    with pytest.raises(Refused) as refusal:
        await perform(town.house, anna, Action.REDEEM_SHARE, spend_and_refuse)
    assert refusal.value.detail == {"n": 9}
    assert (await town.rows(share, share.c.share_id == made.share_id))[0].attempts_spent == 1
    rows = await town.rows(access_log, access_log.c.share_id == made.share_id, access_log.c.kind == "redeem_share")
    assert [(json.loads(row.record)["outcome"], json.loads(row.record)["reason"]) for row in rows] == [
        ("refused", "pin_wrong")
    ]


async def test_what_cannot_be_recorded_did_not_happen(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    anna = await town.patient()
    made = await town.share(anna)

    async def full(*_: object) -> bool:
        raise OperationalError("INSERT", {}, Exception("database or disk is full"))

    monkeypatch.setattr(log, "append", full)
    for attempt in (
        lambda: revoke_share(town.house, anna, share_id=made.share_id, why=""),
        lambda: extend_share(town.house, anna, made.share_id, 3),
    ):
        with pytest.raises(Unavailable) as error:
            await attempt()
        assert (error.value.source, error.value.retryable) == ("database", True)
    monkeypatch.undo()
    stored = (await town.rows(share, share.c.share_id == made.share_id))[0]
    assert (stored.revoked_at, stored.expires_at) == (None, made.expires_at)


async def test_a_yes_names_the_policy_in_the_log_and_so_does_a_no(town: Town) -> None:
    anna = await town.patient()
    made = await town.share(anna)
    with pytest.raises(Refused):
        await revoke_share(town.house, town.agent(), reference=made.reference, why="")
    await revoke_share(town.house, anna, share_id=made.share_id, why="")
    rows = await town.rows(access_log, access_log.c.share_id == made.share_id, access_log.c.kind == "revoke_share")
    decided = {json.loads(row.record)["policy"] for row in rows}
    assert decided == {"helpdesk-needs-a-reason", "patient-stops-own-share"}


async def test_a_question_before_slow_work_records_its_no(town: Town) -> None:
    stranger = town.provider(verified=True)
    with pytest.raises(NotFound):
        await require(town.house, stranger, Action.VIEW_TIMELINE, resources.history("p1.nobody"))
    rows = await town.rows(access_log, access_log.c.kind == "view_timeline")
    mine = [json.loads(row.record) for row in rows if stranger.subject in row.record]
    assert "nothing-permits-it" in {record["policy"] for record in mine}


def test_a_conflict_is_a_conflict() -> None:
    assert isinstance(Refusal("two_tabs", conflict=True).as_error(), Conflict)
    assert isinstance(Refusal("not_found").as_error(), NotFound)


async def test_a_database_that_is_gone_is_an_outside_system_that_failed(town: Town) -> None:
    anna = await town.patient()
    gone = open_engine("postgresql+psycopg://nobody@127.0.0.1:1/nothing")
    with pytest.raises(Unavailable) as error:
        await view_shares(Town.build(gone).house, anna)
    await gone.dispose()
    assert error.value.source == "database"
