"""A report is read at the hospital, with a code for the receiver's own live grant; the log says which report."""

from urllib.parse import parse_qs, urlsplit

import pytest
from tests.cast import ANNA
from tests.sharing_town import BRAMS_CT, HEAD_CT, KNEE_MR, PORTAL, Town, evers

from beeldpas.domain.errors import NotFound, Refused
from beeldpas.domain.report_name import is_report_name, report_name
from beeldpas.portal.actions.open_own import open_own
from beeldpas.portal.actions.opened_reports import opened_reports
from beeldpas.portal.actions.read_report import read_report

REPORT = f"{HEAD_CT}.9.1"
BACK = "/studies/0123456789abcdef0123"


async def test_the_browser_goes_to_the_hospital_with_a_code_and_without_a_uid(town: Town) -> None:
    anna = await town.patient()
    grant = await open_own(town.house, anna, ANNA.bsn, HEAD_CT, "noord")
    to = await read_report(town.house, anna, grant.handle, HEAD_CT, REPORT, "nl", BACK)
    address = urlsplit(to.redirect_url)
    query = parse_qs(address.query)
    assert (address.netloc, address.path, query["iss"], query["back"]) == (
        "noord.example",
        "/download",
        [PORTAL],
        [BACK],
    )
    assert query["report"] == [report_name(grant.handle, REPORT)] and is_report_name(query["report"][0])
    assert HEAD_CT not in to.redirect_url
    assert query["code"][0] not in repr(to)


async def test_a_report_that_was_opened_is_known_as_opened_to_that_patient_only(town: Town) -> None:
    anna = await town.patient()
    assert await opened_reports(town.house, anna) == frozenset()
    grant = await open_own(town.house, anna, ANNA.bsn, HEAD_CT, "noord")
    await read_report(town.house, anna, grant.handle, HEAD_CT, REPORT, "nl", BACK)
    assert await opened_reports(town.house, await town.patient()) == {REPORT}


async def test_what_a_care_provider_read_is_not_opened_by_the_patient(town: Town) -> None:
    anna, dekker = await town.patient(), town.provider()
    opened = await town.redeem(dekker, await town.share(anna))
    noord = opened.share.hospitals[0]
    await read_report(town.house, dekker, noord.grant_handle, HEAD_CT, REPORT, "nl", "")
    assert await opened_reports(town.house, anna) == frozenset()


async def test_nobody_reads_with_somebody_elses_grant_or_of_another_study(town: Town) -> None:
    anna, dekker = await town.patient(), town.provider()
    opened = await town.redeem(dekker, await town.share(anna))
    handle = opened.share.hospitals[0].grant_handle
    for asker in (anna, evers(town), town.provider(), town.provider(verified=True), town.agent()):
        with pytest.raises((NotFound, Refused)):
            await read_report(town.house, asker, handle, HEAD_CT, REPORT, "nl", "")
    for study in (KNEE_MR, BRAMS_CT, ""):
        with pytest.raises(NotFound):
            await read_report(town.house, dekker, handle, study, REPORT, "nl", "")


async def test_a_share_at_its_end_shows_no_report(town: Town) -> None:
    dekker = town.provider()
    made = await town.share(await town.patient())
    opened = await town.redeem(dekker, made)
    town.clock.now = made.expires_at
    with pytest.raises(Refused) as refusal:
        await read_report(town.house, dekker, opened.share.hospitals[0].grant_handle, HEAD_CT, REPORT, "nl", "")
    assert refusal.value.reason == "share_expired"
