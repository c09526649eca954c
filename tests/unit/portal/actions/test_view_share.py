"""A care provider sees what they redeemed, with what every hospital says of it now."""

from dataclasses import replace

import pytest
from tests.sharing_town import HEAD_CT, KNEE_MR, Town, evers

from beeldpas.domain.errors import Malformed, NotFound, Refused
from beeldpas.portal.actions.revoke_share import revoke_share
from beeldpas.portal.actions.start_download import start_download
from beeldpas.portal.actions.view_share import view_share
from beeldpas.portal.store.tables import access_log


async def test_hospitals_say_what_they_hold_now(town: Town) -> None:
    dekker = town.provider()
    made = await town.share(await town.patient())
    await town.redeem(dekker, made)
    town.hospitals.silent.add("west")
    seen = await view_share(town.house, dekker, made.share_id)
    noord, west = seen.hospitals
    assert (noord.confirmed, noord.size_bytes, noord.studies[0].preview.identity.name) == (
        True,
        6_000_000,
        "Jansen^Anna",
    )
    assert (west.confirmed, west.size_bytes, west.studies[0].preview) == (False, None, None)
    assert (west.studies[0].study.uid, noord.studies[0].study.uid) == (KNEE_MR, HEAD_CT)


async def test_the_hospital_is_asked_in_the_name_of_the_provider(town: Town) -> None:
    dekker = town.provider(verified=True)
    made = await town.share(await town.patient())
    await town.redeem(dekker, made)
    town.hospitals.asked.clear()
    await view_share(town.house, dekker, made.share_id)
    question = town.hospitals.asked[0][1]
    assert (question.asker, question.organisation, question.purpose, question.basis) == (
        "provider",
        "90000201",
        "TREAT",
        "share",
    )


async def test_every_look_is_in_the_patients_log(town: Town) -> None:
    dekker = town.provider()
    made = await town.share(await town.patient())
    await town.redeem(dekker, made)
    await view_share(town.house, dekker, made.share_id)
    rows = await town.rows(access_log, access_log.c.share_id == made.share_id, access_log.c.kind == "view_share")
    assert len(rows) == 1


async def test_who_did_not_redeem_it_does_not_see_it(town: Town) -> None:
    made = await town.share(await town.patient())
    await town.redeem(town.provider(), made)
    for asker in (evers(town), evers(town, verified=True), town.provider(verified=True), town.provider()):
        with pytest.raises(NotFound):
            await view_share(town.house, asker, made.share_id)
    with pytest.raises((NotFound, Refused)):
        await view_share(town.house, town.agent(), made.share_id)


async def test_a_share_that_ended_or_was_stopped_says_so_to_who_had_it(town: Town) -> None:
    anna, dekker = await town.patient(), town.provider()
    stopped, ended = await town.share(anna), await town.share(anna)
    for made in (stopped, ended):
        await town.redeem(dekker, made)
    await revoke_share(town.house, anna, share_id=stopped.share_id, why="")
    with pytest.raises(Refused) as refusal:
        await view_share(town.house, dekker, stopped.share_id)
    assert refusal.value.reason == "share_revoked"
    town.clock.now = ended.expires_at
    with pytest.raises(Refused) as refusal:
        await view_share(town.house, dekker, ended.share_id)
    assert (refusal.value.reason, refusal.value.detail["date"]) == ("share_expired", ended.expires_at.isoformat())


async def test_another_workplace_or_another_declared_organisation_does_not_take_the_share_along(town: Town) -> None:
    for verified in (True, False):
        made = await town.share(await town.patient())
        here = town.provider(verified=verified, visit=f"one-browser-{verified}")
        opened = await town.redeem(here, made)
        elsewhere = replace(here, organisation="Ziekenhuis Oost", ura="90000202" if verified else None)
        with pytest.raises(NotFound):
            await view_share(town.house, elsewhere, made.share_id)
        with pytest.raises(NotFound):
            await start_download(town.house, elsewhere, opened.share.hospitals[0].grant_handle, "nl")
        with pytest.raises(Refused) as refusal:
            await town.redeem(elsewhere, made)
        assert refusal.value.reason == "share_other_org"
        await view_share(town.house, replace(here, organisation=here.organisation.upper()), made.share_id)


async def test_strangers_without_a_visit_are_not_one_receiver(town: Town) -> None:
    made = await town.share(await town.patient())
    nobody = replace(town.provider(), session="")
    with pytest.raises(Malformed):
        await town.redeem(nobody, made)
    with pytest.raises(Malformed):
        await view_share(town.house, nobody, made.share_id)
