"""Who proves to hold code and PIN gets one grant per hospital; everybody else gets a reason, and it is counted."""

from dataclasses import replace

import pytest
from tests.sharing_town import HEAD_CT, KNEE_MR, PORTAL, TERMS, Town, evers, foreign_code, wrong

from beeldpas.domain.errors import Malformed, NotFound, Refused
from beeldpas.domain.share import ShareTerms, end_after
from beeldpas.portal.actions import view_shares
from beeldpas.portal.actions.allow_organisation import allow_organisation
from beeldpas.portal.actions.redeem_share import redeem_share
from beeldpas.portal.actions.refuse_organisation import refuse_organisation
from beeldpas.portal.actions.replace_code import replace_code
from beeldpas.portal.actions.revoke_share import revoke_share
from beeldpas.portal.store import tables
from beeldpas.portal.store.tables import access_log, issued_grant, share


async def refused(town: Town, asker, code, pin) -> Refused:
    with pytest.raises(Refused) as refusal:
        await redeem_share(town.house, asker, code, pin)
    return refusal.value


async def spent(town: Town, share_id: str) -> int:
    return (await town.rows(share, share.c.share_id == share_id))[0].attempts_spent


async def test_the_right_code_and_pin_give_one_grant_per_hospital(town: Town) -> None:
    made = await town.share(await town.patient())
    opened = await town.redeem(town.provider(), made)
    assert [part.hospital.gateway_id for part in opened.share.hospitals] == ["noord", "west"]
    assert [[one.study.uid for one in part.studies] for part in opened.share.hospitals] == [[HEAD_CT], [KNEE_MR]]
    rows = await town.rows(issued_grant, issued_grant.c.share_id == made.share_id)
    assert {(row.basis, row.issuer, row.ends_at, row.receiver_kind) for row in rows} == {
        ("share", PORTAL, made.expires_at, "self-declared")
    }


async def test_redeeming_again_in_the_same_visit_gives_the_same_grants(town: Town) -> None:
    made = await town.share(await town.patient())
    dekker = town.provider()
    first, second = await town.redeem(dekker, made), await town.redeem(dekker, made)
    handles = [part.grant_handle for part in first.share.hospitals]
    assert [part.grant_handle for part in second.share.hospitals] == handles


async def test_a_right_pin_costs_no_attempt(town: Town) -> None:
    made = await town.share(await town.patient())
    dekker = town.provider()
    for _ in range(12):
        await town.redeem(dekker, made)
    assert await spent(town, made.share_id) == 0


async def test_a_verified_provider_holds_the_grants_in_every_visit(town: Town) -> None:
    made = await town.share(await town.patient())
    monday = await town.redeem(town.provider(verified=True), made)
    tuesday = await town.redeem(town.provider(verified=True), made)
    assert monday.share == tuesday.share
    row = (await town.rows(issued_grant, issued_grant.c.share_id == made.share_id))[0]
    assert (row.receiver_kind, row.receiver_ura) == ("verified", "90000201")


async def test_a_wrong_pin_counts_down_and_the_tenth_locks_the_share(town: Town) -> None:
    made = await town.share(await town.patient())
    dekker = town.provider()
    left = []
    for _ in range(9):
        refusal = await refused(town, dekker, made.code, wrong(made.pin))
        assert refusal.reason == "pin_wrong"
        left.append(refusal.detail["n"])
    assert left == [9, 8, 7, 6, 5, 4, 3, 2, 1]
    assert (await refused(town, dekker, made.code, wrong(made.pin))).reason == "share_locked"
    assert (await refused(town, dekker, made.code, made.pin)).reason == "share_locked"
    assert await spent(town, made.share_id) == 10


async def test_a_locked_share_opens_again_with_a_new_code(town: Town) -> None:
    anna = await town.patient()
    made = await town.share(anna)
    for _ in range(10):
        await refused(town, town.provider(), made.code, wrong(made.pin))
    new = await replace_code(town.house, anna, made.share_id)
    assert (await refused(town, town.provider(), made.code, made.pin)).reason == "code_unknown"
    assert (await town.redeem(town.provider(), new)).share_id == made.share_id


async def test_a_foreign_code_spends_nothing_and_says_nothing(town: Town) -> None:
    made = await town.share(await town.patient())
    assert (await refused(town, town.provider(), foreign_code(), made.pin)).reason == "code_unknown"
    assert await spent(town, made.share_id) == 0


async def test_an_expired_share_says_when_it_ended(town: Town) -> None:
    made = await town.share(await town.patient())
    town.clock.now = made.expires_at
    refusal = await refused(town, town.provider(), made.code, made.pin)
    assert (refusal.reason, refusal.detail["date"]) == ("share_expired", made.expires_at.isoformat())


async def test_a_revoked_share_opens_for_nobody(town: Town) -> None:
    anna = await town.patient()
    made = await town.share(anna)
    await revoke_share(town.house, anna, share_id=made.share_id, why="")
    assert (await refused(town, town.provider(), made.code, made.pin)).reason == "share_revoked"


async def test_self_declared_providers_need_the_patients_leave(town: Town) -> None:
    strict = ShareTerms(TERMS.for_whom, allow_self_declared=False)
    made = await town.share(await town.patient(), terms=strict)
    assert (await refused(town, town.provider(), made.code, wrong(made.pin))).reason == "provider_login_required"
    assert await spent(town, made.share_id) == 0
    await town.redeem(town.provider(verified=True), made)


async def test_a_self_declared_provider_says_who_they_are(town: Town) -> None:
    made = await town.share(await town.patient())
    with pytest.raises(Malformed):
        await town.redeem(town.provider(("Dr. D. Dekker", "  ", None)), made)


async def test_a_second_organisation_waits_for_the_patient(town: Town) -> None:
    anna = await town.patient()
    made = await town.share(anna)
    await town.redeem(town.provider(), made)
    assert (await refused(town, evers(town), made.code, made.pin)).reason == "share_other_org"
    assert (await refused(town, evers(town), made.code, made.pin)).reason == "share_other_org"
    seen = await view_shares.one(town.house, anna, made.share_id)
    assert seen.organisation == "Kliniek De Linde"
    assert [one.name for one in seen.waiting] == ["Ziekenhuis Oost"]
    assert await spent(town, made.share_id) == 0


async def test_an_allowed_organisation_redeems_and_the_first_stays_first(town: Town) -> None:
    anna = await town.patient()
    made = await town.share(anna)
    await town.redeem(town.provider(), made)
    await refused(town, evers(town), made.code, made.pin)
    waiting = (await view_shares.one(town.house, anna, made.share_id)).waiting[0]
    await allow_organisation(town.house, anna, made.share_id, waiting.id)
    await town.redeem(evers(town), made)
    await town.redeem(town.provider(), made)
    assert (await view_shares.one(town.house, anna, made.share_id)).organisation == "Kliniek De Linde"


async def test_a_refused_organisation_cannot_ask_again(town: Town) -> None:
    anna = await town.patient()
    made = await town.share(anna)
    await town.redeem(town.provider(), made)
    await refused(town, evers(town), made.code, made.pin)
    waiting = (await view_shares.one(town.house, anna, made.share_id)).waiting[0]
    await refuse_organisation(town.house, anna, made.share_id, waiting.id)
    assert (await refused(town, evers(town), made.code, made.pin)).reason == "org_refused"
    assert (await view_shares.one(town.house, anna, made.share_id)).waiting == ()


async def test_the_name_of_an_organisation_is_read_loosely_but_a_checked_one_is_another(town: Town) -> None:
    made = await town.share(await town.patient())
    await town.redeem(town.provider(("Dr. D. Dekker", "Kliniek de  linde", None)), made)
    await town.redeem(town.provider(), made)
    assert (await refused(town, town.provider(verified=True), made.code, made.pin)).reason == "share_other_org"


async def test_only_a_care_provider_redeems_or_spends_an_attempt(town: Town) -> None:
    anna = await town.patient()
    made = await town.share(anna)
    named = replace(anna, name="Anna", organisation="thuis")
    assert (await refused(town, town.agent(), made.code, wrong(made.pin))).reason == "helpdesk_never_opens"
    with pytest.raises(NotFound):
        await redeem_share(town.house, named, made.code, made.pin)
    assert await spent(town, made.share_id) == 0


async def test_every_refusal_is_in_the_patients_log_and_every_grant_ends_with_the_share(town: Town) -> None:
    made = await town.share(await town.patient())
    await refused(town, town.provider(), made.code, wrong(made.pin))
    rows = await town.rows(access_log, access_log.c.share_id == made.share_id, access_log.c.kind == "redeem_share")
    assert ['"reason":"pin_wrong"' in row.record for row in rows] == [True]
    assert made.code.reveal() not in rows[0].record
    assert made.pin.reveal() not in rows[0].record


async def test_a_grant_lasts_no_longer_than_a_short_share(town: Town) -> None:
    made = await town.share(await town.patient(), terms=ShareTerms("dr. Dekker", days=1))
    await town.redeem(town.provider(), made)
    rows = await town.rows(issued_grant, issued_grant.c.share_id == made.share_id)
    assert {row.ends_at for row in rows} == {end_after(town.clock.now, 1)}
    assert {row.status_index for row in rows} != {0}
    assert len(await town.rows(tables.grant_study, tables.grant_study.c.handle == rows[0].handle)) == 1
