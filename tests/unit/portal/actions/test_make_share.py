"""A share holds what the hospitals confirm at that moment; code and PIN are told once and kept nowhere."""

import asyncio
from dataclasses import replace

import pytest
from tests.cast import ANNA, BRAM
from tests.sharing_town import BRAMS_CT, CHEST_CR, HEAD_CT, KNEE_MR, TERMS, Town, previewed

from beeldpas.domain.errors import BeeldpasError, Conflict, NotFound, Refused
from beeldpas.domain.share import ShareTerms, end_after
from beeldpas.portal.actions.make_share import MOST_OPEN_SHARES, make_share
from beeldpas.portal.actions.preview_share import Choice
from beeldpas.portal.actions.revoke_share import revoke_share
from beeldpas.portal.store import consents, share_studies, shares
from beeldpas.portal.store.tables import access_log, share

HEAD = [Choice(HEAD_CT, "noord")]


async def reason(town: Town, asker, chosen, terms: ShareTerms = TERMS, bsn=ANNA.bsn) -> BeeldpasError:
    with pytest.raises(BeeldpasError) as error:
        await make_share(town.house, asker, bsn, chosen, terms, "r")
    return error.value


async def test_a_share_holds_the_chosen_studies_as_their_hospitals_confirm_them(town: Town) -> None:
    made = await town.share(await town.patient())
    async with town.house.engine.connect() as connection:
        kept = await share_studies.of_share(connection, made.share_id)
        stored = await shares.find(connection, made.share_id)
    assert [(one.uid, one.gateway_id, one.instances, one.reports) for one in kept] == [
        (HEAD_CT, "noord", 12, 1),
        (KNEE_MR, "west", 80, 1),
    ]
    assert stored and stored.expires_at == end_after(town.clock.now, 14) == made.expires_at


async def test_code_and_pin_are_in_no_column(town: Town) -> None:
    made = await town.share(await town.patient())
    stored = (await town.rows(share, share.c.share_id == made.share_id))[0]
    logged = await town.rows(access_log, access_log.c.share_id == made.share_id)
    text = repr(stored) + "".join(row.record for row in logged)
    assert made.code.reveal() not in text
    assert made.pin.reveal() not in text
    assert ANNA.bsn.reveal() not in text
    assert made.code.reveal() not in repr(made)


async def test_a_form_sent_twice_makes_one_share(town: Town) -> None:
    anna = await town.patient()
    made = await make_share(town.house, anna, ANNA.bsn, HEAD, TERMS, "form-1")
    with pytest.raises(Conflict) as again:
        await make_share(town.house, anna, ANNA.bsn, HEAD, TERMS, "form-1")
    assert (again.value.reason, again.value.detail["share_id"]) == ("double_submit", made.share_id)
    assert len(await town.rows(share, share.c.patient == anna.subject)) == 1


async def test_a_form_sent_five_times_at_once_makes_one_share(town: Town) -> None:
    anna = await town.patient()
    sent = [make_share(town.house, anna, ANNA.bsn, HEAD, TERMS, "form-2") for _ in range(5)]
    answers = await asyncio.gather(*sent, return_exceptions=True)
    made = [one for one in answers if not isinstance(one, Exception)]
    others = [one for one in answers if isinstance(one, Conflict)]
    assert (len(made), len(others)) == (1, 4)
    assert {one.detail["share_id"] for one in others} == {made[0].share_id}


async def test_the_same_form_id_of_another_patient_is_another_form(town: Town) -> None:
    town.registry.studies[BRAM.bsn.reveal()] = town.registry.studies[ANNA.bsn.reveal()]
    bram = await town.patient(BRAM)
    await make_share(town.house, await town.patient(), ANNA.bsn, HEAD, TERMS, "form-3")
    await make_share(town.house, bram, BRAM.bsn, HEAD, TERMS, "form-3")


async def test_nothing_chosen_is_no_share(town: Town) -> None:
    assert (await reason(town, await town.patient(), [])).reason == "share_nothing_chosen"


async def test_a_share_of_somebody_elses_study_is_of_something_that_is_not_there(town: Town) -> None:
    town.hospitals.holds["noord"][BRAMS_CT] = previewed(BRAMS_CT)
    gone = await reason(town, await town.patient(), [Choice(BRAMS_CT, "noord")])
    assert (gone.reason, gone.detail["hospital"]) == ("share_study_gone", "Ziekenhuis Noord")


async def test_a_study_that_its_hospital_withdrew_meanwhile_is_named(town: Town) -> None:
    del town.hospitals.holds["west"][KNEE_MR]
    gone = await reason(town, await town.patient(), [*HEAD, Choice(KNEE_MR, "west")])
    assert (gone.reason, gone.detail["hospital"]) == ("share_study_gone", "Ziekenhuis West")


async def test_a_hospital_that_does_not_answer_is_named(town: Town) -> None:
    town.hospitals.silent.add("west")
    silent = await reason(town, await town.patient(), [*HEAD, Choice(KNEE_MR, "west")])
    assert (silent.reason, silent.detail["hospital"]) == ("share_hospital_unconfirmed", "Ziekenhuis West")
    await make_share(town.house, await town.patient(), ANNA.bsn, HEAD, TERMS, "without-west")


async def test_a_registry_that_is_down_is_not_taken_for_studies_that_are_gone(town: Town) -> None:
    town.registry.down = True
    assert (await reason(town, await town.patient(), HEAD)).reason == "share_hospital_unconfirmed"


@pytest.mark.parametrize("days", [0, 31, -1, 400])
async def test_days_outside_one_to_thirty_are_refused_even_past_the_form(town: Town, days: int) -> None:
    refusal = await reason(town, await town.patient(), HEAD, ShareTerms("dr. Dekker", days))
    assert refusal.reason == "share_date_out_of_range"


async def test_twenty_open_shares_are_enough(town: Town) -> None:
    anna = await town.patient()
    made = [await town.share(anna, *HEAD) for _ in range(MOST_OPEN_SHARES)]
    refusal = await reason(town, anna, HEAD)
    assert (refusal.reason, refusal.detail["n"]) == ("share_limit", 20)
    await revoke_share(town.house, anna, share_id=made[0].share_id, why="")
    await town.share(anna, *HEAD)


async def test_nobody_else_shares_a_patients_history(town: Town) -> None:
    bram = await town.patient(BRAM)
    assert isinstance(await reason(town, bram, HEAD), NotFound)
    assert isinstance(await reason(town, town.provider(verified=True), HEAD), NotFound)
    refusal = await reason(town, town.agent(), HEAD)
    assert isinstance(refusal, Refused)
    assert refusal.reason == "helpdesk_never_opens"
    assert town.registry.asked == []


async def test_the_same_study_at_two_hospitals_can_be_shared_from_both(town: Town) -> None:
    both = [Choice(KNEE_MR, "west"), Choice(KNEE_MR, "zuid"), Choice(CHEST_CR, "noord"), Choice(KNEE_MR, "west")]
    made = await town.share(await town.patient(), *both)
    opened = await town.redeem(town.provider(), made)
    assert [part.hospital.gateway_id for part in opened.share.hospitals] == ["noord", "west", "zuid"]


async def test_a_share_keeps_who_agreed_to_which_text(town: Town) -> None:
    child = await town.patient()
    mother = replace(child, acting="ps1.mother", relation="parent", age_class="under_12")
    made = await town.share(mother, terms=replace(TERMS, consent="2026-11/en"))
    [kept] = await town.rows(consents.table, consents.table.c.share_id == made.share_id)
    assert (kept.text_name, kept.relation, kept.acting) == ("2026-11/en", "parent", "ps1.mother")
    assert kept.erased_at is None


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"relation": "parent", "age_class": "12_to_15"}, "rep_child_12_15"),
        ({"relation": "parent", "age_class": "unknown"}, "rep_child_12_15"),
        ({"relation": "mandate", "age_class": "under_12"}, "rep_unknown"),
        ({"relation": "curator", "age_class": "16_or_older"}, "rep_unknown"),
    ],
)
async def test_nobody_shares_for_whom_they_may_not_stand_in(town: Town, facts: dict[str, str], why: str) -> None:
    stranger = replace(await town.patient(), acting="ps1.stranger", **facts)
    with pytest.raises(Refused) as refusal:
        await town.share(stranger)
    assert refusal.value.reason == why
