"""The preview says exactly what would leave, asked anew of registries and hospitals."""

import pytest
from tests.cast import ANNA, BRAM
from tests.sharing_town import HEAD_CT, KNEE_MR, Town

from beeldpas.domain.errors import NotFound, Refused
from beeldpas.portal.actions.preview_share import Choice, preview_share

HEAD, KNEE = Choice(HEAD_CT, "noord"), Choice(KNEE_MR, "west")


async def test_the_preview_shows_what_each_hospital_would_serve(town: Town) -> None:
    shown = await preview_share(town.house, await town.patient(), ANNA.bsn, [HEAD, KNEE])
    assert [(item.hospital.name, item.preview.instances) for item in shown.items] == [
        ("Ziekenhuis Noord", 12),
        ("Ziekenhuis West", 80),
    ]
    assert (shown.unconfirmed, shown.gone) == ((), ())


async def test_a_silent_hospital_is_named_and_its_study_shown_without_numbers(town: Town) -> None:
    town.hospitals.silent.add("west")
    shown = await preview_share(town.house, await town.patient(), ANNA.bsn, [HEAD, KNEE])
    assert [item.preview is None for item in shown.items] == [False, True]
    assert [one.name for one in shown.unconfirmed] == ["Ziekenhuis West"]


async def test_a_study_at_a_hospital_that_does_not_hold_it_is_gone(town: Town) -> None:
    elsewhere = Choice(HEAD_CT, "zuid")
    shown = await preview_share(town.house, await town.patient(), ANNA.bsn, [KNEE, elsewhere])
    assert (len(shown.items), shown.gone) == (1, (elsewhere,))


async def test_a_silent_registry_makes_nothing_gone(town: Town) -> None:
    town.registry.down = True
    shown = await preview_share(town.house, await town.patient(), ANNA.bsn, [HEAD])
    assert (shown.items, shown.gone) == ((), ())
    assert [one.gateway_id for one in shown.unconfirmed] == ["noord"]


async def test_nothing_chosen_asks_nobody(town: Town) -> None:
    with pytest.raises(Refused) as refusal:
        await preview_share(town.house, await town.patient(), ANNA.bsn, [])
    assert refusal.value.reason == "share_nothing_chosen"
    assert town.registry.asked == []


async def test_nobody_previews_another_patients_history(town: Town) -> None:
    with pytest.raises(NotFound):
        await preview_share(town.house, await town.patient(BRAM), ANNA.bsn, [HEAD])


async def test_a_hospital_that_is_not_in_the_directory_does_not_exist(town: Town) -> None:
    with pytest.raises(NotFound):
        await preview_share(town.house, await town.patient(), ANNA.bsn, [Choice(HEAD_CT, "elders")])
