"""A security officer takes away who did what, in a period, and nothing medical; that too is in the log."""

import csv
from datetime import date, timedelta

import pytest
from tests.cast import ANNA, NOW
from tests.sharing_town import HEAD_CT, Town

from beeldpas.audit.export_nen7513 import COLUMNS, table
from beeldpas.domain.errors import NotFound, Refused
from beeldpas.domain.share import HERE
from beeldpas.portal.actions.export_log import export_log

TODAY = NOW.astimezone(HERE).date()
YESTERDAY = TODAY - timedelta(days=1)


async def rows(town: Town, since, until) -> list[dict[str, str]]:
    found = await export_log(town.house, town.agent("security"), since=since, until=until)
    lines = [line async for line in table(found)]
    return [dict(zip(COLUMNS, row, strict=True)) for row in csv.reader(lines[1:])]


async def test_who_did_what_is_in_it_and_the_export_itself(town: Town) -> None:
    anna = await town.patient()
    made = await town.share(anna)
    await town.redeem(town.provider(), made)
    town.clock.pass_by(minutes=1)
    found = await rows(town, YESTERDAY, TODAY)
    opened = [row for row in found if row["EventTypeCode"] == "redeem_share" and row["LogRecordID"]][-1]
    assert (opened["UserName"], opened["UserOrganisation"]) == ("Dr. D. Dekker", "Kliniek De Linde")
    assert (opened["ParticipantObjectID"], opened["toestemmingsProfiel"]) == (anna.subject, made.reference)
    assert opened["autorisatieProtocol"] == "code-and-pin-open-a-share"
    assert found[-1]["EventTypeCode"] == "export_log"
    assert found[-1]["ParticipantObjectDetail"].count(str(TODAY)) == 1
    told = repr(found)
    for secret in (HEAD_CT, "CT schedel", ANNA.bsn.reveal(), made.code.reveal(), made.pin.reveal(), made.share_id):
        assert secret not in told


async def test_only_the_period_is_in_it(town: Town) -> None:
    await town.share(await town.patient())
    assert await rows(town, YESTERDAY - timedelta(days=9), YESTERDAY) == []


@pytest.mark.parametrize(
    ("since", "until"),
    [
        (None, TODAY),
        (TODAY, None),
        (TODAY, YESTERDAY),
        (TODAY - timedelta(days=366), TODAY),
        (date.max, date.max),
        (date.min, date.min),
    ],
)
async def test_without_a_period_of_at_most_a_year_nothing_leaves(town: Town, since, until) -> None:
    with pytest.raises(Refused) as refusal:
        await export_log(town.house, town.agent("security"), since=since, until=until)
    assert refusal.value.reason == "period_needed"


async def test_nobody_else_takes_it(town: Town) -> None:
    for asker in (await town.patient(), town.provider(), town.agent(), town.agent("helpdesk", "helpdesk_lead")):
        with pytest.raises(NotFound):
            await export_log(town.house, asker, since=YESTERDAY, until=TODAY)
