"""The patient's no keeps a waiting organisation out for good."""

import pytest
from tests.sharing_town import Town, evers

from beeldpas.domain.errors import NotFound, Refused
from beeldpas.portal.actions import view_shares
from beeldpas.portal.actions.allow_organisation import allow_organisation
from beeldpas.portal.actions.refuse_organisation import refuse_organisation


async def test_a_no_is_final_and_the_first_organisation_goes_on(town: Town) -> None:
    anna = await town.patient()
    made = await town.share(anna)
    await town.redeem(town.provider(), made)
    with pytest.raises(Refused):
        await town.redeem(evers(town), made)
    request = (await view_shares.one(town.house, anna, made.share_id)).waiting[0].id
    await refuse_organisation(town.house, anna, made.share_id, request)
    with pytest.raises(Refused) as refusal:
        await town.redeem(evers(town), made)
    assert refusal.value.reason == "org_refused"
    await town.redeem(town.provider(), made)
    for answer in (allow_organisation, refuse_organisation):
        with pytest.raises(NotFound):
            await answer(town.house, anna, made.share_id, request)


async def test_a_request_that_does_not_exist_cannot_be_refused(town: Town) -> None:
    anna = await town.patient()
    made = await town.share(anna)
    with pytest.raises(NotFound):
        await refuse_organisation(town.house, anna, made.share_id, "nothing")
