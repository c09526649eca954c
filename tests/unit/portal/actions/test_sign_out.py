"""Leaving ends what the visit could start; what the patient shared with others goes on."""

import pytest
from tests.cast import ANNA
from tests.sharing_town import HEAD_CT, Town

from beeldpas.domain.errors import Refused
from beeldpas.portal.actions.open_own import open_own
from beeldpas.portal.actions.sign_out import sign_out
from beeldpas.portal.actions.start_download import start_download
from beeldpas.portal.store.tables import issued_grant


async def test_own_grants_end_with_the_visit_and_shares_do_not(town: Town) -> None:
    anna, dekker = await town.patient(), town.provider()
    opened = await town.redeem(dekker, await town.share(anna))
    own = await open_own(town.house, anna, ANNA.bsn, HEAD_CT, "noord")
    await start_download(town.house, anna, own.handle, "nl")
    await sign_out(town.house, anna)
    with pytest.raises(Refused) as refusal:
        await start_download(town.house, anna, own.handle, "nl")
    assert refusal.value.reason == "session_ended"
    await start_download(town.house, dekker, opened.share.hospitals[0].grant_handle, "nl")


async def test_a_running_download_may_finish(town: Town) -> None:
    anna = await town.patient()
    own = await open_own(town.house, anna, ANNA.bsn, HEAD_CT, "noord")
    await sign_out(town.house, anna)
    row = (await town.rows(issued_grant, issued_grant.c.handle == own.handle))[0]
    assert (row.ended_at, row.revoked_at) == (town.clock.now, None)


async def test_everybody_may_leave(town: Town) -> None:
    for asker in (town.provider(), town.provider(verified=True), town.agent(), town.agent("cleaning")):
        await sign_out(town.house, asker)
