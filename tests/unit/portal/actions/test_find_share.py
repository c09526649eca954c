"""The helpdesk sees state, times and use; never a name of the patient, a study, a code, a PIN or a BSN."""

import asyncio
import dataclasses
import json

import pytest
from structlog.testing import capture_logs
from tests.cast import ANNA
from tests.sharing_town import HEAD_CT, Town, wrong

from beeldpas.domain.errors import Malformed, Refused
from beeldpas.domain.share import ShareState
from beeldpas.portal.actions.asker import Asker
from beeldpas.portal.actions.find_share import find_share
from beeldpas.portal.actions.make_call_code import make_call_code
from beeldpas.portal.actions.redeem_share import redeem_share
from beeldpas.portal.actions.revoke_share import revoke_share
from beeldpas.portal.actions.suspend_share import suspend_share
from beeldpas.portal.actions.take_call import take_call
from beeldpas.portal.actions.view_log import view_log
from beeldpas.portal.store.tables import access_log


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


async def test_unknown_not_for_you_and_long_over_have_one_answer(town: Town) -> None:
    """Neither a stranger nor an agent learns from the answer whether a reference was ever there."""
    anna = await town.patient()
    made, stopped = await town.share(anna), await town.share(anna)
    await revoke_share(town.house, anna, share_id=stopped.share_id, why="")
    said = []
    for asker in (anna, town.provider(verified=True), town.agent("cleaning"), town.agent("security")):
        said.append(await refusal(town, asker, made.reference))
        said.append(await refusal(town, asker, "K7P-4QX-92M"))
    town.clock.pass_by(days=29)
    assert (await find_share(town.house, town.agent(), stopped.reference)).state is ShareState.REVOKED
    town.clock.pass_by(days=2)
    said += [await refusal(town, town.agent(), one) for one in (stopped.reference, "K7P-4QX-92M")]
    assert (await find_share(town.house, town.agent(), made.reference)).state is ShareState.EXPIRED
    town.clock.pass_by(days=30)
    said.append(await refusal(town, town.agent(), made.reference))
    assert set(said) == {("ref_unknown", ())}


async def refusal(town: Town, asker: Asker, reference: str) -> tuple[str, tuple[object, ...]]:
    with pytest.raises(Refused) as error:
        await find_share(town.house, asker, reference)
    return error.value.reason, tuple(error.value.detail.items())


async def test_an_agent_looks_up_twenty_times_a_minute_and_the_next_is_refused_and_stands_out(town: Town) -> None:
    made = await town.share(await town.patient())
    with capture_logs() as alarms:
        for _ in range(20):
            assert (await refusal(town, town.agent(), "K7P-4QX-92M"))[0] == "ref_unknown"
        assert (await refusal(town, town.agent(), made.reference))[0] == "too_many_lookups"
        await find_share(town.house, town.agent(subject="gerda"), made.reference)
    assert [one["event"] for one in alarms] == ["helpdesk_lookups_bounded"]
    rows = [json.loads(row.record) for row in await town.rows(access_log, access_log.c.kind == "find_share")]
    mine = [row["reason"] for row in rows if row["actor"] == town.agent().subject]
    assert mine.count("too_many_lookups") == 1
    town.clock.pass_by(minutes=1)
    await find_share(town.house, town.agent(), made.reference)


async def test_many_looks_at_once_are_counted_one_by_one(town: Town) -> None:
    asked = (refusal(town, town.agent(), "K7P-4QX-92M") for _ in range(40))
    answers = await asyncio.gather(*asked)
    assert [reason for reason, _ in answers].count("too_many_lookups") == 20


async def test_a_paused_share_says_so_and_whether_its_patient_is_on_the_line(town: Town) -> None:
    anna = await town.patient()
    made = await town.share(anna)
    await suspend_share(town.house, town.agent(), made.reference, why="other_had_code")
    seen = await find_share(town.house, town.agent(), made.reference)
    assert (seen.state, seen.suspended_why, seen.is_on_the_line) == (ShareState.SUSPENDED, "other_had_code", False)
    await take_call(town.house, town.agent(), (await make_call_code(town.house, anna)).code)
    assert (await find_share(town.house, town.agent(), made.reference)).is_on_the_line
    assert not (await find_share(town.house, town.agent(subject="gerda"), made.reference)).is_on_the_line
