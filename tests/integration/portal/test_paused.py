"""What a pause reaches: the list that a hospital fetches, and the mailbox of the patient, but no note of an agent."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.cast import ANNA
from tests.mailing import confirmed, wants_mail
from tests.sharing_town import PORTAL, Town, wrong

from beeldpas.domain.errors import Refused
from beeldpas.domain.stopping import Ground
from beeldpas.formats import jose
from beeldpas.formats.statuslist import StatusList, TokenStatus
from beeldpas.portal.actions import suspend_all as suspending
from beeldpas.portal.actions.make_call_code import make_call_code
from beeldpas.portal.actions.redeem_share import redeem_share
from beeldpas.portal.actions.resume_share import resume_share
from beeldpas.portal.actions.revoke_share import revoke_share
from beeldpas.portal.actions.suspend_all import suspend_all
from beeldpas.portal.actions.suspend_share import suspend_share
from beeldpas.portal.actions.take_call import take_call
from beeldpas.portal.actions.unlock_share import unlock_share
from beeldpas.portal.authorization.status import STATUS_LIST_TYPE, StatusLists
from beeldpas.portal.store.tables import issued_grant, mail_address, notice


async def signed(town: Town, lists: StatusLists, place: int) -> TokenStatus:
    """What noord's list says of a place, as noord reads it."""
    token = (await lists.current(town.house, "noord")).token
    keys, now = town.house.keys, town.clock.now
    claims = jose.verify(token, typ=STATUS_LIST_TYPE, keys=keys, issuer=PORTAL, audience=None, now=now)
    return StatusList.unpack(claims["status_list"]["lst"])[place]


async def test_the_signed_list_says_suspended_then_valid_then_invalid_each_from_the_next_question_on(
    town: Town,
) -> None:
    anna, lists = await town.patient(), StatusLists()
    made = await town.share(anna)
    await town.redeem(town.provider(), made)
    rows = await town.rows(issued_grant, issued_grant.c.share_id == made.share_id)
    place = next(row.status_index for row in rows if row.gateway_id == "noord")
    assert await signed(town, lists, place) is TokenStatus.VALID
    await suspend_share(town.house, town.agent(), made.reference, why="checking")
    assert await signed(town, lists, place) is TokenStatus.SUSPENDED
    await resume_share(town.house, anna, share_id=made.share_id)
    assert await signed(town, lists, place) is TokenStatus.VALID
    await suspend_share(town.house, town.agent(), made.reference, why="checking")
    await revoke_share(town.house, anna, share_id=made.share_id, why="")
    assert await signed(town, lists, place) is TokenStatus.INVALID


async def test_the_patient_is_told_of_all_that_the_helpdesk_does_with_a_reason_of_the_list_and_no_note(
    town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(suspending, "ANSWER_SECONDS", 0.0)
    wants_mail(town, tmp_path, 25)
    anna, house, agent = await town.patient(), town.house, town.agent()
    await confirmed(town, anna)
    made, stopped = await town.share(anna), await town.share(anna)
    await suspend_share(house, agent, made.reference, why="lost", note="gevonden in de bus")
    await take_call(house, agent, (await make_call_code(house, anna)).code)
    await resume_share(house, agent, reference=made.reference)
    for _ in range(10):
        with pytest.raises(Refused):
            await redeem_share(house, town.provider(), made.code, wrong(made.pin))
    await unlock_share(house, agent, made.reference)
    ground = Ground("call_code")
    await revoke_share(house, agent, reference=stopped.reference, why="other_had_code", ground=ground, note="boos")
    await suspend_all(house, agent, ANNA.bsn, number_from="gp")
    (address,) = await town.rows(mail_address, mail_address.c.patient == anna.subject)
    told = await town.rows(notice, notice.c.address_id == address.address_id)
    reasons = {row.kind: (row.reference, row.facts["reason"]) for row in told}
    assert {kind: said for kind, said in reasons.items() if "helpdesk" in kind or "all" in kind} == {
        "helpdesk_suspended": (made.reference, "letter_lost"),
        "helpdesk_resumed": (made.reference, ""),
        "helpdesk_unlocked": (made.reference, ""),
        "helpdesk_revoked": (stopped.reference, "someone_else"),
        "all_suspended": ("", ""),
    }
    everything = json.dumps([[row.kind, row.facts] for row in told])
    assert "bus" not in everything
    assert "boos" not in everything
