"""A patient's call code: short, once, for a quarter of an hour; the database keeps a fingerprint of it."""

import asyncio
import contextlib

import pytest
from tests.cast import BRAM
from tests.sharing_town import Town

from beeldpas.domain.errors import Conflict, NotFound, Refused
from beeldpas.portal.actions.make_call_code import MadeCallCode, make_call_code
from beeldpas.portal.actions.take_call import take_call
from beeldpas.portal.actions.view_log import view_log
from beeldpas.portal.store.tables import call_code


async def test_a_patient_gets_a_code_of_eight_signs_for_a_quarter_of_an_hour(town: Town) -> None:
    anna = await town.patient()
    made = await make_call_code(town.house, anna)
    assert len(made.code.reveal()) == 8
    assert (made.until - town.clock.now).total_seconds() == 15 * 60
    assert made.code.reveal() not in repr(made)
    assert (await view_log(town.house, anna))[0].action == "make_call_code"


async def test_the_database_keeps_a_fingerprint_and_no_code(town: Town) -> None:
    made = await make_call_code(town.house, await town.patient())
    rows = await town.rows(call_code)
    assert not [row for row in rows if made.code.reveal() in repr(row)]


async def test_a_new_code_takes_the_place_of_the_one_before(town: Town) -> None:
    anna = await town.patient()
    first, second = await make_call_code(town.house, anna), await make_call_code(town.house, anna)
    with pytest.raises(Refused, match="call_code_unknown"):
        await take_call(town.house, town.agent(), first.code)
    assert await take_call(town.house, town.agent(), second.code) == ()


async def test_of_many_at_once_one_works_and_none_breaks(town: Town) -> None:
    anna = await town.patient()
    made = await asyncio.gather(*(make_call_code(town.house, anna) for _ in range(6)), return_exceptions=True)
    codes = [one.code for one in made if isinstance(one, MadeCallCode)]
    assert {type(one) for one in made} <= {MadeCallCode, Conflict}
    taken = 0
    for code in codes:
        with contextlib.suppress(Refused):
            await take_call(town.house, town.agent(), code)
            taken += 1
    assert taken == 1


async def test_nobody_else_makes_a_call_code(town: Town) -> None:
    await make_call_code(town.house, await town.patient(BRAM))
    with pytest.raises(Refused, match="helpdesk_never_opens"):
        await make_call_code(town.house, town.agent())
    with pytest.raises(NotFound):
        await make_call_code(town.house, town.provider(verified=True))
