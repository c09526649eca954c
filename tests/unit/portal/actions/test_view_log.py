"""A patient reads everything about them in plain order, and nothing about anybody else."""

import pytest
from tests.cast import BRAM
from tests.sharing_town import HEAD_CT, KNEE_MR, Town

from beeldpas.domain.errors import NotFound, Refused
from beeldpas.portal.actions.sign_in import sign_in
from beeldpas.portal.actions.start_download import start_download
from beeldpas.portal.actions.view_log import view_log


async def test_the_log_tells_the_whole_story_newest_first(town: Town) -> None:
    anna, dekker = await town.patient(), town.provider()
    await sign_in(town.house, door="patient", asker=anna)
    town.clock.pass_by(minutes=1)
    made = await town.share(anna)
    town.clock.pass_by(minutes=1)
    opened = await town.redeem(dekker, made)
    town.clock.pass_by(minutes=1)
    await start_download(town.house, dekker, opened.share.hospitals[0].grant_handle, "nl")
    lines = await view_log(town.house, anna)
    assert [line.action for line in lines] == ["start_download", "redeem_share", "make_share", "sign_in"]
    download, redeem, make, _ = lines
    assert (redeem.who, redeem.organisation, redeem.verified) == ("Dr. D. Dekker", "Kliniek De Linde", False)
    assert {line.share_reference for line in lines[:3]} == {made.reference}
    assert make.what["studies"] == [HEAD_CT, KNEE_MR]
    assert download.what["hospital"] == "Ziekenhuis Noord"
    assert {line.source for line in lines} == {"portal"}
    assert len({line.event_id for line in lines}) == 4


async def test_a_period_has_a_first_moment_and_an_open_end(town: Town) -> None:
    anna = await town.patient()
    start = town.clock.now
    await sign_in(town.house, door="patient", asker=anna)
    town.clock.pass_by(hours=1)
    await sign_in(town.house, door="patient", asker=anna)
    assert len(await view_log(town.house, anna, since=start, until=town.clock.now)) == 1
    assert [line.action for line in await view_log(town.house, anna, since=town.clock.now)] == ["view_log", "sign_in"]


async def test_nobody_reads_another_log(town: Town) -> None:
    await sign_in(town.house, door="patient", asker=await town.patient())
    assert await view_log(town.house, await town.patient(BRAM)) == ()
    for asker in (town.provider(verified=True), town.agent()):
        with pytest.raises((NotFound, Refused)):
            await view_log(town.house, asker)
