"""A pause is lifted by the patient, or by the helpdesk with that patient on the line, and by nobody else."""

import pytest
from tests.cast import BRAM
from tests.sharing_town import Town

from beeldpas.database.engine import transaction
from beeldpas.domain.errors import NotFound, Refused
from beeldpas.portal.actions.make_call_code import make_call_code
from beeldpas.portal.actions.resume_share import resume_share
from beeldpas.portal.actions.revoke_share import revoke_share
from beeldpas.portal.actions.start_download import start_download
from beeldpas.portal.actions.suspend_share import suspend_share
from beeldpas.portal.actions.take_call import take_call
from beeldpas.portal.store import statuses
from beeldpas.portal.store.tables import issued_grant


async def test_the_patient_lifts_it_and_what_was_granted_works_again(town: Town) -> None:
    anna, dekker = await town.patient(), town.provider()
    made = await town.share(anna)
    handle = (await town.redeem(dekker, made)).share.hospitals[0].grant_handle
    await suspend_share(town.house, town.agent(), made.reference, why="checking")
    resumed = await resume_share(town.house, anna, share_id=made.share_id)
    assert (resumed.reference, resumed.already) == (made.reference, False)
    await start_download(town.house, dekker, handle, "nl")
    await town.redeem(dekker, made)
    places = {
        row.status_index
        for row in await town.rows(issued_grant, issued_grant.c.share_id == made.share_id)
        if row.gateway_id == "noord"
    }
    async with transaction(town.house.engine) as connection:
        said = await statuses.read(connection, "noord")
    assert not places & {*said.suspended, *said.invalid}
    assert (await resume_share(town.house, anna, share_id=made.share_id)).already


async def test_the_helpdesk_lifts_it_only_with_this_patient_on_the_line(town: Town) -> None:
    anna = await town.patient()
    made = await town.share(anna)
    await suspend_share(town.house, town.agent(), made.reference, why="checking")
    await take_call(town.house, town.agent(), (await make_call_code(town.house, await town.patient(BRAM))).code)
    with pytest.raises(Refused, match="call_code_needed"):
        await resume_share(town.house, town.agent(), reference=made.reference)
    await take_call(town.house, town.agent(), (await make_call_code(town.house, anna)).code)
    with pytest.raises(Refused, match="call_code_needed"):
        await resume_share(town.house, town.agent(subject="gerda"), reference=made.reference)
    await resume_share(town.house, town.agent(), reference=made.reference)
    await town.redeem(town.provider(), made)


async def test_what_was_stopped_never_comes_back(town: Town) -> None:
    anna = await town.patient()
    made = await town.share(anna)
    await town.redeem(town.provider(), made)
    await suspend_share(town.house, town.agent(), made.reference, why="checking")
    await revoke_share(town.house, anna, share_id=made.share_id, why="")
    await take_call(town.house, town.agent(), (await make_call_code(town.house, anna)).code)
    for attempt in (
        resume_share(town.house, anna, share_id=made.share_id),
        resume_share(town.house, town.agent(), reference=made.reference),
    ):
        with pytest.raises(Refused, match="share_revoked"):
            await attempt


async def test_nobody_else_lifts_it(town: Town) -> None:
    made = await town.share(await town.patient())
    await suspend_share(town.house, town.agent(), made.reference, why="checking")
    bram, provider, cleaner = await town.patient(BRAM), town.provider(verified=True), town.agent("cleaning")
    for attempt in (
        resume_share(town.house, bram, share_id=made.share_id),
        resume_share(town.house, bram, reference=made.reference),
        resume_share(town.house, provider, share_id=made.share_id),
        resume_share(town.house, provider, reference=made.reference),
        resume_share(town.house, town.agent(), share_id=made.share_id),
    ):
        with pytest.raises(NotFound):
            await attempt
    with pytest.raises(Refused, match="call_code_needed"):
        await resume_share(town.house, cleaner, reference=made.reference)
