"""A second person stops many at once: within the hour, once, never who proposed it; and each patient reads it."""

import asyncio

import pytest
from tests.cast import DEKKER
from tests.sharing_town import Town, evers

from beeldpas.database.engine import transaction
from beeldpas.domain.errors import BeeldpasError, NotFound, Refused
from beeldpas.domain.share import ShareState
from beeldpas.portal.actions import view_shares
from beeldpas.portal.actions.allow_organisation import allow_organisation
from beeldpas.portal.actions.asker import Asker
from beeldpas.portal.actions.confirm_bulk_revoke import confirm_bulk_revoke
from beeldpas.portal.actions.propose_bulk_revoke import propose_bulk_revoke
from beeldpas.portal.actions.start_download import start_download
from beeldpas.portal.actions.view_log import view_log
from beeldpas.portal.store import statuses
from beeldpas.portal.store.tables import issued_grant


def lead(town: Town, **how: int) -> Asker:
    return town.agent("helpdesk_lead", subject="ilse", **how)  # type: ignore[arg-type]


async def proposed(town: Town, kind: str = "organisation", target: str = "90000201", by: Asker | None = None) -> str:
    asked = {"incident": "INC-14", "why": "hospital_asked"}
    made = await propose_bulk_revoke(
        town.house,
        by or town.agent(),
        target_kind=kind,
        target=target,
        **asked,  # type: ignore[arg-type]
    )
    return made.number


async def test_all_that_an_organisation_took_ends_and_what_others_hold_goes_on(town: Town) -> None:
    anna, dekker, other = await town.patient(), town.provider(verified=True), evers(town, verified=True)
    taken, others, free = [await town.share(anna) for _ in range(3)]
    await town.redeem(dekker, taken)
    handle = (await town.redeem(other, others)).share.hospitals[0].grant_handle
    number = await proposed(town)
    counts = await confirm_bulk_revoke(town.house, lead(town), number)
    assert (counts.shares >= 1, counts.grants >= 2) == (True, True)
    states = {one.share_id: one.state for one in await view_shares.view_shares(town.house, anna)}
    assert [states[one.share_id] for one in (taken, others, free)] == ["revoked", "live", "live"]
    await start_download(town.house, other, handle, "nl")
    rows = await town.rows(issued_grant, issued_grant.c.share_id == taken.share_id)
    async with transaction(town.house.engine) as connection:
        said = await statuses.read(connection, "noord")
    assert {row.status_index for row in rows if row.gateway_id == "noord"} <= set(said.invalid)
    line = next(line for line in await view_log(town.house, anna) if line.action == "revoke_share")
    told = (line.share_reference, line.what["ground"], line.what["incident"], line.what["bulk"])
    assert told == (taken.reference, "incident", "INC-14", number)


async def test_a_second_organisation_loses_its_grants_and_the_first_keeps_the_share(town: Town) -> None:
    anna, first, second = await town.patient(), evers(town, verified=True), town.provider(verified=True)
    made = await town.share(anna)
    kept = (await town.redeem(first, made)).share.hospitals[0].grant_handle
    with pytest.raises(Refused, match="share_other_org"):
        await town.redeem(second, made)
    asking = (await view_shares.one(town.house, anna, made.share_id)).waiting[0]
    await allow_organisation(town.house, anna, made.share_id, asking.id)
    lost = (await town.redeem(second, made)).share.hospitals[0].grant_handle
    await confirm_bulk_revoke(town.house, lead(town), await proposed(town))
    with pytest.raises(Refused, match="share_revoked"):
        await start_download(town.house, second, lost, "nl")
    with pytest.raises(Refused, match="org_refused"):
        await town.redeem(town.provider(("Dr. P. Post", *DEKKER[1:]), verified=True), made)
    await start_download(town.house, first, kept, "nl")
    assert (await view_shares.one(town.house, anna, made.share_id)).state is ShareState.LIVE
    line = next(line for line in await view_log(town.house, anna) if line.action == "confirm_bulk_revoke")
    assert line.share_reference == made.reference


async def test_one_care_provider_loses_what_they_hold_and_a_colleague_does_not(town: Town) -> None:
    anna, bad = await town.patient(), town.provider(verified=True)
    colleague = town.provider(("Dr. P. Post", *DEKKER[1:]), verified=True)
    made = await town.share(anna)
    lost = (await town.redeem(bad, made)).share.hospitals[0].grant_handle
    kept = (await town.redeem(colleague, made)).share.hospitals[0].grant_handle
    counts = await confirm_bulk_revoke(town.house, lead(town), await proposed(town, "provider", bad.subject))
    assert counts.shares == 0
    with pytest.raises(Refused, match="share_revoked"):
        await start_download(town.house, bad, lost, "nl")
    await start_download(town.house, colleague, kept, "nl")


async def test_four_eyes(town: Town) -> None:
    """Whoever proposed it never confirms it, whatever roles they have; nor does an agent who is no lead."""
    both = town.agent("helpdesk", "helpdesk_lead")
    number = await proposed(town, by=both)
    with pytest.raises(Refused, match="four_eyes_needed"):
        await confirm_bulk_revoke(town.house, both, number)
    for asker in (
        town.agent(subject="gerda"),
        town.agent("security", subject="sam"),
        await town.patient(),
        town.provider(),
    ):
        with pytest.raises(NotFound):
            await confirm_bulk_revoke(town.house, asker, number)
    with pytest.raises(Refused, match="step_up_needed"):
        await confirm_bulk_revoke(town.house, lead(town, signed_in_ago=301), number)
    with pytest.raises(Refused, match="bulk_unknown"):
        await confirm_bulk_revoke(town.house, lead(town), "ZZZZZZ")
    await confirm_bulk_revoke(town.house, lead(town), number)


async def test_it_is_good_for_an_hour_and_once(town: Town) -> None:
    late, twice = await proposed(town), await proposed(town)
    await confirm_bulk_revoke(town.house, lead(town), twice)
    with pytest.raises(Refused, match="bulk_over"):
        await confirm_bulk_revoke(town.house, lead(town), twice)
    town.clock.pass_by(hours=1)
    with pytest.raises(Refused, match="bulk_over"):
        await confirm_bulk_revoke(town.house, lead(town), late)


async def test_of_two_who_confirm_at_once_one_does(town: Town) -> None:
    number = await proposed(town)
    asked = (confirm_bulk_revoke(town.house, lead(town), number) for _ in range(4))
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert len([one for one in answers if not isinstance(one, BeeldpasError)]) == 1
