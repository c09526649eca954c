"""Signing in is recorded, and so is being sent away."""

import json

import pytest
from tests.sharing_town import Town

from beeldpas.domain.errors import NotFound, Refused
from beeldpas.portal.actions.sign_in import sign_in
from beeldpas.portal.store.tables import access_log


async def last(town: Town) -> dict:
    rows = await town.rows(access_log, access_log.c.kind == "sign_in")
    return json.loads(max(rows, key=lambda row: row.row_id).record)


async def test_a_patient_signs_in_at_their_own_door(town: Town) -> None:
    anna = await town.patient()
    await sign_in(town.house, door="patient", asker=anna)
    row = await last(town)
    assert (row["outcome"], row["door"], row["patient"]) == ("done", "patient", anna.subject)


async def test_every_door_refuses_the_others(town: Town) -> None:
    for door, asker in (
        ("staff", await town.patient()),
        ("patient", town.agent()),
        ("patient", town.provider(verified=True)),
        ("provider", town.provider()),
    ):
        with pytest.raises(NotFound):
            await sign_in(town.house, door=door, asker=asker)


async def test_staff_without_a_role_here_do_not_get_in(town: Town) -> None:
    with pytest.raises(NotFound):
        await sign_in(town.house, door="staff", asker=town.agent("cleaning"))
    await sign_in(town.house, door="staff", asker=town.agent("helpdesk"))


async def test_a_refused_sign_in_is_recorded_with_its_reason_and_raises_nothing(town: Town) -> None:
    await sign_in(town.house, door="patient", refused="login_level_too_low")
    row = await last(town)
    assert (row["outcome"], row["reason"], row["actor_kind"]) == ("refused", "login_level_too_low", "anyone")


async def test_nobody_signs_in_without_being_somebody(town: Town) -> None:
    with pytest.raises((NotFound, Refused)):
        await sign_in(town.house, door="patient")
