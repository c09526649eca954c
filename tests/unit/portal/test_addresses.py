"""Addresses at rest: sealed with a ring of their own, and sealed anew when a key follows another."""

from dataclasses import replace
from pathlib import Path

import pytest
from tests.mailing import ANNAS, confirmed, wants_mail
from tests.sharing_town import Town

from beeldpas.database.engine import transaction
from beeldpas.domain.mail import MailAddress
from beeldpas.portal.actions.set_address import set_address
from beeldpas.portal.actions.view_notices import view_notices
from beeldpas.portal.notify import addresses
from beeldpas.portal.secrets import KeyRing
from beeldpas.portal.store.tables import mail_address


async def test_a_newer_key_takes_over_and_the_older_one_may_go(town: Town, tmp_path: Path) -> None:
    wants_mail(town, tmp_path)
    anna = await town.patient()
    await confirmed(town, anna)
    await set_address(town.house, anna, MailAddress.parse("anna@elders.example"), "nl")
    old = town.house.secrets
    newer = KeyRing((*KeyRing.new("new").keys, *old.address.keys))
    town.house = replace(town.house, secrets=replace(old, address=newer))
    seal = addresses.seal_of(town.house.secrets)
    async with transaction(town.house.engine) as connection:
        assert await addresses.reseal(connection, seal) >= 2
        assert await addresses.reseal(connection, seal) == 0
    town.house = replace(town.house, secrets=replace(old, address=KeyRing(newer.keys[:1])))
    seen = await view_notices(town.house, anna)
    assert (seen.address, seen.pending) == (ANNAS.reveal(), "anna@elders.example")


@pytest.mark.parametrize("column", ["sealed", "pending"])
async def test_a_row_of_another_patient_cannot_be_put_in_the_place_of_ones_own(
    town: Town, tmp_path: Path, column: str
) -> None:
    wants_mail(town, tmp_path)
    anna = await town.patient()
    await confirmed(town, anna)
    bram = replace(anna, subject="p1." + "b" * 64, known_as=())
    await set_address(town.house, bram, ANNAS, "nl")
    (hers,) = await town.rows(mail_address, mail_address.c.patient == anna.subject)
    async with transaction(town.house.engine) as connection:
        moved = mail_address.update().where(mail_address.c.patient == bram.subject)
        await connection.execute(moved.values({column: hers.sealed}))
        found = await addresses.find(connection, addresses.seal_of(town.house.secrets), bram.subject)
    assert found is not None
    assert (found.verified if column == "sealed" else found.pending) is None
