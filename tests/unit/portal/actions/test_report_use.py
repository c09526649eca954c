"""A patient says "this was not me" of a line in their own log; the helpdesk finds it with the share."""

import pytest
from tests.cast import BRAM
from tests.sharing_town import Town

from beeldpas.audit.events import Reader
from beeldpas.audit.log import of_shares
from beeldpas.database.engine import transaction
from beeldpas.domain.errors import NotFound, Refused
from beeldpas.portal.actions.report_use import report_use
from beeldpas.portal.actions.view_log import view_log


async def test_a_report_stands_with_its_share_for_the_helpdesk(town: Town) -> None:
    anna = await town.patient()
    made = await town.share(anna)
    await town.redeem(town.provider(), made)
    line = next(line for line in await view_log(town.house, anna) if line.action == "redeem_share")
    reported = await report_use(town.house, anna, line.event_id)
    assert (reported.share_id, reported.reference) == (made.share_id, made.reference)
    async with transaction(town.house.engine) as connection:
        seen = await of_shares(connection, Reader.HELPDESK, (made.share_id,))
    incident = next(record for record in seen if record["kind"] == "report_use")
    assert (incident["event"], incident["reported"], incident["reference"]) == (
        line.event_id,
        "redeem_share",
        made.reference,
    )


async def test_what_is_no_line_of_the_own_log_cannot_be_reported(town: Town) -> None:
    anna, bram = await town.patient(), await town.patient(BRAM)
    made = await town.share(anna)
    await town.redeem(town.provider(), made)
    line = (await view_log(town.house, anna))[0]
    for asker, event_id in ((bram, line.event_id), (anna, "no-such-event")):
        with pytest.raises(NotFound):
            await report_use(town.house, asker, event_id)


async def test_nobody_else_reports(town: Town) -> None:
    anna = await town.patient()
    await town.share(anna)
    line = (await view_log(town.house, anna))[0]
    for asker in (town.provider(verified=True), town.agent()):
        with pytest.raises((NotFound, Refused)):
            await report_use(town.house, asker, line.event_id)
