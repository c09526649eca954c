"""A patient sees their shares and nobody else's."""

import pytest
from tests.cast import BRAM
from tests.sharing_town import HEAD_CT, KNEE_MR, Town, wrong

from beeldpas.domain.errors import NotFound, Refused
from beeldpas.domain.share import ShareState
from beeldpas.portal.actions import view_shares
from beeldpas.portal.actions.redeem_share import redeem_share
from beeldpas.portal.actions.revoke_share import revoke_share


async def test_shares_come_newest_first_with_state_studies_and_use(town: Town) -> None:
    anna = await town.patient()
    first = await town.share(anna)
    town.clock.pass_by(hours=1)
    second = await town.share(anna)
    await town.redeem(town.provider(), second)
    await revoke_share(town.house, anna, share_id=first.share_id, why="")
    newest, oldest = await view_shares.view_shares(town.house, anna)
    assert (newest.share_id, oldest.share_id) == (second.share_id, first.share_id)
    assert (newest.state, oldest.state) == (ShareState.LIVE, ShareState.REVOKED)
    assert [study.uid for study in newest.studies] == [HEAD_CT, KNEE_MR]
    assert [(use.what, use.organisation, use.verified) for use in newest.uses] == [
        ("redeem_share", "Kliniek De Linde", False)
    ]
    assert oldest.uses == ()


async def test_wrong_pins_are_counted_but_are_no_use(town: Town) -> None:
    anna = await town.patient()
    made = await town.share(anna)
    with pytest.raises(Refused):
        await redeem_share(town.house, town.provider(), made.code, wrong(made.pin))
    seen = await view_shares.one(town.house, anna, made.share_id)
    assert (seen.attempts_spent, seen.uses) == (1, ())


async def test_a_share_of_somebody_else_does_not_exist(town: Town) -> None:
    made = await town.share(await town.patient())
    bram = await town.patient(BRAM)
    for share_id in (made.share_id, "nothing"):
        with pytest.raises(NotFound):
            await view_shares.one(town.house, bram, share_id)
    assert await view_shares.view_shares(town.house, bram) == ()


async def test_providers_and_staff_see_no_list(town: Town) -> None:
    with pytest.raises(NotFound):
        await view_shares.view_shares(town.house, town.provider(verified=True))
    with pytest.raises(Refused):
        await view_shares.view_shares(town.house, town.agent())
