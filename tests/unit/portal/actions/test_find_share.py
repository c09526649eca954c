"""The helpdesk sees state, times and use; never a name of the patient, a study, a code, a PIN or a BSN."""

import dataclasses

import pytest
from tests.cast import ANNA
from tests.sharing_town import HEAD_CT, Town, wrong

from beeldpas.domain.errors import Malformed, NotFound, Refused
from beeldpas.domain.share import ShareState
from beeldpas.portal.actions.find_share import find_share
from beeldpas.portal.actions.redeem_share import redeem_share
from beeldpas.portal.actions.view_log import view_log


async def test_the_helpdesk_sees_state_times_and_organisation(town: Town) -> None:
    anna = await town.patient()
    made = await town.share(anna)
    with pytest.raises(Refused):
        await redeem_share(town.house, town.provider(), made.code, wrong(made.pin))
    town.clock.pass_by(minutes=1)
    await town.redeem(town.provider(), made)
    spoken = made.reference.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    seen = await find_share(town.house, town.agent(), spoken)
    assert (seen.reference, seen.state, seen.attempts_spent) == (made.reference, ShareState.LIVE, 1)
    assert [(use.what, use.outcome, use.organisation) for use in seen.uses][:2] == [
        ("redeem_share", "done", "Kliniek De Linde"),
        ("redeem_share", "pin_wrong", "Kliniek De Linde"),
    ]
    told = repr(dataclasses.asdict(seen))
    hidden = (HEAD_CT, "CT schedel", "Ziekenhuis Noord", "noord", ANNA.bsn.reveal(), anna.subject, "Dekker")
    for secret in (*hidden, made.code.reveal(), made.pin.reveal(), made.share_id):
        assert secret not in told


async def test_every_look_is_in_the_patients_log(town: Town) -> None:
    anna = await town.patient()
    made = await town.share(anna)
    await find_share(town.house, town.agent(), made.reference)
    newest = (await view_log(town.house, anna))[0]
    assert (newest.action, newest.who_kind, newest.share_reference) == ("find_share", "staff", made.reference)


async def test_an_unknown_reference_and_a_mistyped_one(town: Town) -> None:
    with pytest.raises(Refused) as refusal:
        await find_share(town.house, town.agent(), "K7P-4QX-92M")
    assert refusal.value.reason == "ref_unknown"
    with pytest.raises(Malformed) as error:
        await find_share(town.house, town.agent(), "K7P-4QX-92")
    assert error.value.reason == "ref_unknown"


async def test_nobody_else_finds_a_share_by_its_reference(town: Town) -> None:
    anna = await town.patient()
    made = await town.share(anna)
    for asker in (anna, town.provider(verified=True), town.agent("cleaning")):
        with pytest.raises(NotFound):
            await find_share(town.house, asker, made.reference)
