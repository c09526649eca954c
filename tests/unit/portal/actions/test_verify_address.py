"""The link of an address: good once, for a day, for the patient who asked, and for nothing else."""

from pathlib import Path

import pytest
from tests.cast import BRAM
from tests.mailing import ANNAS, confirmed, pending_token, token_of, wants_mail
from tests.sharing_town import Town

from beeldpas.domain.errors import NotFound, Refused
from beeldpas.domain.mail import MailAddress
from beeldpas.portal.actions.set_address import set_address
from beeldpas.portal.actions.verify_address import verify_address
from beeldpas.portal.actions.view_notices import view_notices
from beeldpas.portal.notify.links import MailLinks, Purpose
from beeldpas.portal.secrets import Secrets


async def test_the_link_puts_the_address_into_use(town: Town, tmp_path: Path) -> None:
    wants_mail(town, tmp_path)
    anna = await town.patient()
    await confirmed(town, anna)
    seen = await view_notices(town.house, anna)
    assert (seen.address, seen.pending) == (ANNAS.reveal(), None)


async def refused(town: Town, asker, token: str) -> None:
    with pytest.raises(Refused) as refusal:
        await verify_address(town.house, asker, token)
    assert refusal.value.reason == "address_link_over"
    assert (await view_notices(town.house, asker)).address is None


async def test_a_link_works_once(town: Town, tmp_path: Path) -> None:
    wants_mail(town, tmp_path)
    anna = await town.patient()
    await set_address(town.house, anna, ANNAS, "nl")
    token = await pending_token(town, anna)
    await verify_address(town.house, anna, token)
    with pytest.raises(Refused):
        await verify_address(town.house, anna, token)


async def test_a_link_works_for_a_day(town: Town, tmp_path: Path) -> None:
    wants_mail(town, tmp_path)
    anna = await town.patient()
    await set_address(town.house, anna, ANNAS, "nl")
    token = await pending_token(town, anna)
    town.clock.pass_by(hours=24, seconds=1)
    await refused(town, anna, token)
    late_but_freshly_signed = await pending_token(town, anna)
    await refused(town, anna, late_but_freshly_signed)


async def test_an_older_link_confirms_nothing_newer(town: Town, tmp_path: Path) -> None:
    wants_mail(town, tmp_path)
    anna = await town.patient()
    await set_address(town.house, anna, ANNAS, "nl")
    token = await pending_token(town, anna)
    await set_address(town.house, anna, MailAddress.parse("ander@post.example"), "nl")
    await refused(town, anna, token)


async def test_who_gets_anothers_link_confirms_nothing(town: Town, tmp_path: Path) -> None:
    wants_mail(town, tmp_path)
    anna, bram = await town.patient(), await town.patient(BRAM)
    await set_address(town.house, anna, ANNAS, "nl")
    await set_address(town.house, bram, ANNAS, "nl")
    await refused(town, bram, await pending_token(town, anna))


@pytest.mark.parametrize("token", ["", "x", "~", "a.b.c", "é" * 30])
async def test_what_we_did_not_sign_confirms_nothing(town: Town, tmp_path: Path, token: str) -> None:
    wants_mail(town, tmp_path)
    anna = await town.patient()
    await set_address(town.house, anna, ANNAS, "nl")
    await refused(town, anna, token)


async def test_a_link_of_another_purpose_or_other_keys_confirms_nothing(town: Town, tmp_path: Path) -> None:
    wants_mail(town, tmp_path)
    anna = await town.patient()
    await set_address(town.house, anna, ANNAS, "nl")
    mine = MailLinks(town.house.secrets, town.house.settings.base_url, town.house.clock)
    said = mine.read(Purpose.CONFIRM, await pending_token(town, anna))
    assert said is not None
    for purpose in (Purpose.STOP, Purpose.EXTEND):
        await refused(town, anna, token_of(mine.make(purpose, said)))
    strange = MailLinks(Secrets.new(), town.house.settings.base_url, town.house.clock)
    await refused(town, anna, token_of(strange.make(Purpose.CONFIRM, said)))


async def test_nobody_else_confirms(town: Town, tmp_path: Path) -> None:
    wants_mail(town, tmp_path)
    for asker in (town.provider(verified=True), town.agent()):
        with pytest.raises((NotFound, Refused)):
            await verify_address(town.house, asker, "x")
