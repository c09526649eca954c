"""The letter names hospitals and dates, never a study, and is printed only while it is worth something."""

import dataclasses

import pytest
from tests.cast import ANNA, BRAM
from tests.sharing_town import HEAD_CT, Town, wrong

from beeldpas.domain.errors import NotFound, Refused
from beeldpas.portal.actions.print_letter import print_letter
from beeldpas.portal.actions.redeem_share import redeem_share
from beeldpas.portal.actions.revoke_share import revoke_share


async def test_the_facts_hold_no_pin_and_no_bsn_and_studies_only_where_they_may_be_named(town: Town) -> None:
    anna = await town.patient()
    made = await town.share(anna)
    facts = await print_letter(town.house, anna, made.share_id)
    assert (facts.reference, facts.expires_at) == (made.reference, made.expires_at)
    assert [one.name for one in facts.hospitals] == ["Ziekenhuis Noord", "Ziekenhuis West"]
    told = repr(dataclasses.asdict(facts))
    for secret in (made.pin.reveal(), made.code.reveal(), ANNA.bsn.reveal()):
        assert secret not in told
    without_titles = repr(dataclasses.asdict(dataclasses.replace(facts, titled=())))
    for medical in (HEAD_CT, "CT schedel"):
        assert medical not in without_titles


async def test_a_locked_stopped_or_ended_share_has_no_letter(town: Town) -> None:
    anna = await town.patient()
    locked, stopped, ended = await town.share(anna), await town.share(anna), await town.share(anna)
    for _ in range(10):
        with pytest.raises(Refused):
            await redeem_share(town.house, town.provider(), locked.code, wrong(locked.pin))
    await revoke_share(town.house, anna, share_id=stopped.share_id, why="")
    reasons = []
    for made in (locked, stopped):
        with pytest.raises(Refused) as refusal:
            await print_letter(town.house, anna, made.share_id)
        reasons.append(refusal.value.reason)
    town.clock.now = ended.expires_at
    with pytest.raises(Refused) as refusal:
        await print_letter(town.house, anna, ended.share_id)
    assert [*reasons, refusal.value.reason] == ["share_locked", "share_revoked", "share_expired"]


async def test_nobody_else_prints_the_letter(town: Town) -> None:
    made = await town.share(await town.patient())
    for asker in (await town.patient(BRAM), town.provider(verified=True), town.agent()):
        with pytest.raises((NotFound, Refused)):
            await print_letter(town.house, asker, made.share_id)


async def test_the_letter_of_a_share_that_a_parent_made_says_so(town: Town) -> None:
    child = await town.patient()
    mother = dataclasses.replace(child, acting="ps1.mother", relation="parent", age_class="under_12")
    made = await town.share(mother)
    assert (await print_letter(town.house, mother, made.share_id)).relation == "parent"
    own = await town.share(child)
    assert (await print_letter(town.house, child, own.share_id)).relation == ""
