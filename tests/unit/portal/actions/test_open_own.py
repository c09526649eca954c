"""A patient opens own images without a PIN: a grant with basis own, for one study, that ends with the visit."""

from dataclasses import replace

import pytest
from tests.cast import ANNA, BRAM
from tests.sharing_town import BRAMS_CT, HEAD_CT, KNEE_MR, PORTAL, Town, previewed

from beeldpas.domain.errors import Malformed, NotFound, Refused, Unavailable
from beeldpas.portal.actions.open_own import open_own
from beeldpas.portal.actions.start_download import start_download


async def test_the_grant_is_for_one_study_at_one_hospital(town: Town) -> None:
    grant = await open_own(town.house, await town.patient(), ANNA.bsn, HEAD_CT, "noord")
    assert (grant.basis, grant.gateway_id, grant.studies) == ("own", "noord", frozenset({HEAD_CT}))
    assert (grant.issuer, grant.receiver.kind) == (PORTAL, "patient")


async def test_opened_twice_it_is_the_same_grant(town: Town) -> None:
    anna = await town.patient()
    first = await open_own(town.house, anna, ANNA.bsn, KNEE_MR, "west")
    again = await open_own(town.house, anna, ANNA.bsn, KNEE_MR, "west")
    elsewhere = await open_own(town.house, anna, ANNA.bsn, KNEE_MR, "zuid")
    assert first.handle == again.handle != elsewhere.handle


async def test_an_own_grant_ends_with_the_visit_also_when_nobody_signs_out(town: Town) -> None:
    anna = await town.patient()
    grant = await open_own(town.house, anna, ANNA.bsn, HEAD_CT, "noord")
    town.clock.pass_by(minutes=16)
    for visitor in (anna, await town.patient()):
        with pytest.raises(Refused) as refusal:
            await start_download(town.house, visitor, grant.handle, "nl")
        assert refusal.value.reason == "session_ended"


async def test_a_study_of_somebody_else_does_not_exist(town: Town) -> None:
    town.hospitals.holds["noord"][BRAMS_CT] = previewed(BRAMS_CT)
    anna = await town.patient()
    for uid, gateway_id in ((BRAMS_CT, "noord"), (HEAD_CT, "west"), ("1.2.3", "noord"), (HEAD_CT, "elders")):
        with pytest.raises(NotFound):
            await open_own(town.house, anna, ANNA.bsn, uid, gateway_id)


async def test_another_patients_number_opens_nothing(town: Town) -> None:
    with pytest.raises(NotFound):
        await open_own(town.house, await town.patient(BRAM), ANNA.bsn, HEAD_CT, "noord")


async def test_a_registry_that_is_down_is_not_taken_for_a_study_that_is_not_there(town: Town) -> None:
    town.registry.down = True
    with pytest.raises(Unavailable) as error:
        await open_own(town.house, await town.patient(), ANNA.bsn, HEAD_CT, "noord")
    assert error.value.source == "lokaal"


async def test_providers_and_staff_open_nothing(town: Town) -> None:
    for asker in (town.provider(verified=True), town.agent()):
        with pytest.raises((NotFound, Refused)):
            await open_own(town.house, asker, ANNA.bsn, HEAD_CT, "noord")


async def test_without_a_visit_there_is_nothing_that_a_grant_could_end_with(town: Town) -> None:
    anna = replace(await town.patient(), session="")
    with pytest.raises(Malformed):
        await open_own(town.house, anna, ANNA.bsn, HEAD_CT, "noord")
