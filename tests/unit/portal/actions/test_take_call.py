"""An agent takes a call by the code that the patient reads out: once, for half an hour; sees references, states."""

import asyncio
import dataclasses

import pytest
from tests.cast import ANNA, BRAM
from tests.sharing_town import HEAD_CT, Town

from beeldpas.domain.codes import CallCode
from beeldpas.domain.errors import NotFound, Refused
from beeldpas.domain.share import ShareState
from beeldpas.portal.actions.make_call_code import make_call_code
from beeldpas.portal.actions.take_call import hang_up, take_call
from beeldpas.portal.actions.view_log import view_log


async def test_the_agent_sees_references_states_and_times_of_the_caller_and_nothing_else(town: Town) -> None:
    anna = await town.patient()
    made = await town.share(anna)
    await town.redeem(town.provider(), made)
    code = (await make_call_code(town.house, anna)).code
    seen = await take_call(town.house, town.agent(), code)
    assert [(one.reference, one.state, one.expires_at) for one in seen] == [
        (made.reference, ShareState.LIVE, made.expires_at)
    ]
    assert await take_call(town.house, town.agent()) == seen
    told = repr([dataclasses.asdict(one) for one in seen])
    for secret in (HEAD_CT, "Dekker", "noord", ANNA.bsn.reveal(), anna.subject, made.share_id, made.code.reveal()):
        assert secret not in told
    assert [line.action for line in await view_log(town.house, anna)].count("take_call") == 2


async def test_a_code_is_good_for_one_agent_once_and_not_after_its_time(town: Town) -> None:
    anna = await town.patient()
    code = (await make_call_code(town.house, anna)).code
    agents = [town.agent(subject=f"agent{n}") for n in range(10)]
    answers = await asyncio.gather(*(take_call(town.house, one, code) for one in agents), return_exceptions=True)
    assert [type(one) for one in answers].count(tuple) == 1
    assert {one.reason for one in answers if isinstance(one, Refused)} == {"call_code_unknown"}
    late = (await make_call_code(town.house, anna)).code
    town.clock.pass_by(minutes=15)
    with pytest.raises(Refused, match="call_code_unknown"):
        await take_call(town.house, town.agent(), late)


async def test_the_call_is_over_after_half_an_hour_at_the_next_caller_and_when_it_is_ended(town: Town) -> None:
    anna, bram = await town.patient(), await town.patient(BRAM)
    made = await town.share(anna)
    await take_call(town.house, town.agent(), (await make_call_code(town.house, anna)).code)
    await take_call(town.house, town.agent(), (await make_call_code(town.house, bram)).code)
    assert await take_call(town.house, town.agent()) == ()  # Bram's, who shares nothing
    await take_call(town.house, town.agent(), (await make_call_code(town.house, anna)).code)
    town.clock.pass_by(minutes=29)
    assert [one.reference for one in await take_call(town.house, town.agent())] == [made.reference]
    town.clock.pass_by(minutes=1)
    with pytest.raises(Refused):
        await take_call(town.house, town.agent())
    await take_call(town.house, town.agent(), (await make_call_code(town.house, anna)).code)
    await hang_up(town.house, town.agent())
    with pytest.raises(Refused):
        await take_call(town.house, town.agent())


async def test_guessing_call_codes_is_bounded(town: Town) -> None:
    await make_call_code(town.house, await town.patient())
    reasons = []
    for number in range(22):
        with pytest.raises(Refused) as refusal:
            await take_call(town.house, town.agent(), CallCode.new(number.to_bytes(5, "big")))
        reasons.append(refusal.value.reason)
    assert reasons == ["call_code_unknown"] * 20 + ["too_many_lookups"] * 2


async def test_nobody_but_the_helpdesk_takes_a_call(town: Town) -> None:
    anna = await town.patient()
    code = (await make_call_code(town.house, anna)).code
    for asker in (anna, town.provider(verified=True), town.agent("security"), town.agent("cleaning")):
        with pytest.raises(NotFound):
            await take_call(town.house, asker, code)
    await take_call(town.house, town.agent("helpdesk_lead"), code)
