"""A share can last longer, up to thirty days from its making, and what rests on it lasts with it."""

import pytest
from tests.cast import BRAM
from tests.sharing_town import TERMS, Town

from beeldpas.domain.errors import NotFound, Refused
from beeldpas.domain.share import ShareTerms, days_lasting, end_after
from beeldpas.portal.actions.extend_share import extend_share
from beeldpas.portal.actions.revoke_share import revoke_share
from beeldpas.portal.actions.start_download import start_download
from beeldpas.portal.store.tables import issued_grant, share


async def test_share_and_grants_last_longer_together(town: Town) -> None:
    anna, dekker = await town.patient(), town.provider()
    made = await town.share(anna)
    opened = await town.redeem(dekker, made)
    ends_at = await extend_share(town.house, anna, made.share_id, 7)
    assert ends_at == end_after(town.clock.now, 21)
    rows = await town.rows(issued_grant, issued_grant.c.share_id == made.share_id)
    assert {row.ends_at for row in rows} == {ends_at}
    town.clock.now = made.expires_at
    await start_download(town.house, dekker, opened.share.hospitals[0].grant_handle, "nl")


@pytest.mark.parametrize("days", [17, 30, 10_000])
async def test_thirty_days_in_all(town: Town, days: int) -> None:
    anna = await town.patient()
    made = await town.share(anna)
    with pytest.raises(Refused) as refusal:
        await extend_share(town.house, anna, made.share_id, days)
    assert (refusal.value.reason, refusal.value.detail["n"]) == ("extend_too_long", 30)
    assert (await town.rows(share, share.c.share_id == made.share_id))[0].expires_at == made.expires_at


async def test_extending_adds_up_but_never_past_thirty_days(town: Town) -> None:
    anna = await town.patient()
    made = await town.share(anna)
    start = town.clock.now
    for _ in range(16):
        town.clock.pass_by(hours=5)
        ends_at = await extend_share(town.house, anna, made.share_id, 1)
    assert days_lasting(start, ends_at) == 30
    with pytest.raises(Refused):
        await extend_share(town.house, anna, made.share_id, 1)


async def test_what_has_ended_or_was_stopped_is_not_extended(town: Town) -> None:
    anna = await town.patient()
    stopped = await town.share(anna)
    ended = await town.share(anna, terms=ShareTerms(TERMS.for_whom, 1))
    await revoke_share(town.house, anna, share_id=stopped.share_id, why="")
    town.clock.now = ended.expires_at
    for made, reason in ((stopped, "share_revoked"), (ended, "share_expired")):
        with pytest.raises(Refused) as refusal:
            await extend_share(town.house, anna, made.share_id, 1)
        assert refusal.value.reason == reason


async def test_the_helpdesk_and_others_never_extend(town: Town) -> None:
    made = await town.share(await town.patient())
    for asker in (await town.patient(BRAM), town.provider(verified=True), town.agent()):
        with pytest.raises((NotFound, Refused)):
            await extend_share(town.house, asker, made.share_id, 1)
    assert (await town.rows(share, share.c.share_id == made.share_id))[0].expires_at == made.expires_at
