"""The patient's yes lets a waiting organisation in, once, and only for the share that it asked for."""

import pytest
from tests.cast import BRAM
from tests.sharing_town import Town, evers

from beeldpas.domain.errors import NotFound, Refused
from beeldpas.portal.actions import view_shares
from beeldpas.portal.actions.allow_organisation import allow_organisation
from beeldpas.portal.actions.asker import Asker
from beeldpas.portal.actions.made_share import MadeShare
from beeldpas.portal.actions.revoke_share import revoke_share


async def waiting(town: Town, anna: Asker) -> tuple[MadeShare, str]:
    made = await town.share(anna)
    await town.redeem(town.provider(), made)
    with pytest.raises(Refused):
        await town.redeem(evers(town), made)
    return made, (await view_shares.one(town.house, anna, made.share_id)).waiting[0].id


async def test_a_yes_lets_the_organisation_in(town: Town) -> None:
    anna = await town.patient()
    made, request = await waiting(town, anna)
    await allow_organisation(town.house, anna, made.share_id, request)
    assert (await town.redeem(evers(town), made)).share_id == made.share_id
    assert (await view_shares.one(town.house, anna, made.share_id)).waiting == ()


async def test_an_answer_is_given_once(town: Town) -> None:
    anna = await town.patient()
    made, request = await waiting(town, anna)
    await allow_organisation(town.house, anna, made.share_id, request)
    with pytest.raises(NotFound):
        await allow_organisation(town.house, anna, made.share_id, request)


async def test_a_request_belongs_to_its_share(town: Town) -> None:
    anna = await town.patient()
    (one, _), (_, other_request) = await waiting(town, anna), await waiting(town, anna)
    with pytest.raises(NotFound):
        await allow_organisation(town.house, anna, one.share_id, other_request)


async def test_only_the_patient_says_yes(town: Town) -> None:
    anna = await town.patient()
    made, request = await waiting(town, anna)
    for asker in (await town.patient(BRAM), evers(town, verified=True), town.agent()):
        with pytest.raises((NotFound, Refused)):
            await allow_organisation(town.house, asker, made.share_id, request)
    assert len((await view_shares.one(town.house, anna, made.share_id)).waiting) == 1


async def test_a_stopped_share_lets_nobody_in(town: Town) -> None:
    anna = await town.patient()
    made, request = await waiting(town, anna)
    await revoke_share(town.house, anna, share_id=made.share_id, why="")
    with pytest.raises(Refused) as refusal:
        await allow_organisation(town.house, anna, made.share_id, request)
    assert refusal.value.reason == "share_revoked"
