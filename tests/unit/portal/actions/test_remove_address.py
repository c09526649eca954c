"""No more mail: the patient says so, or whoever holds one of the mails; and then nothing is left of the address."""

from pathlib import Path

import pytest
from tests.cast import BRAM
from tests.mailing import confirmed, token_of, wants_mail
from tests.sharing_town import Town

from beeldpas.domain.errors import NotFound, Refused
from beeldpas.portal.actions.remove_address import remove_address
from beeldpas.portal.actions.sign_in import STRANGER
from beeldpas.portal.notify.links import MailLinks, Purpose
from beeldpas.portal.store.tables import access_log, mail_address, notice


async def test_the_patient_takes_the_address_away(town: Town, tmp_path: Path) -> None:
    wants_mail(town, tmp_path)
    anna, bram = await town.patient(), await town.patient(BRAM)
    await confirmed(town, anna)
    await confirmed(town, bram)
    (row,) = await town.rows(mail_address, mail_address.c.patient == anna.subject)
    await remove_address(town.house, anna)
    assert await town.rows(mail_address, mail_address.c.patient == anna.subject) == []
    assert await town.rows(notice, notice.c.address_id == row.address_id) == []
    assert len(await town.rows(mail_address, mail_address.c.patient == bram.subject)) == 1
    with pytest.raises(NotFound):
        await remove_address(town.house, anna)


async def test_the_link_of_a_mail_is_enough(town: Town, tmp_path: Path) -> None:
    wants_mail(town, tmp_path)
    anna = await town.patient()
    await confirmed(town, anna)
    (row,) = await town.rows(mail_address, mail_address.c.patient == anna.subject)
    links = MailLinks(town.house.secrets, town.house.settings.base_url, town.house.clock)
    for wrong in ("", "x", token_of(links.make(Purpose.EXTEND, row.address_id))):
        with pytest.raises(NotFound):
            await remove_address(town.house, STRANGER, wrong)
    await remove_address(town.house, STRANGER, token_of(links.make(Purpose.STOP, row.address_id)))
    assert await town.rows(mail_address, mail_address.c.patient == anna.subject) == []
    (last,) = await town.rows(
        access_log.c.record, access_log.c.patient == anna.subject, access_log.c.kind == "remove_address"
    )
    assert '"by":"link"' in last.record.replace(" ", "")


async def test_nobody_else_takes_it_away(town: Town, tmp_path: Path) -> None:
    wants_mail(town, tmp_path)
    anna = await town.patient()
    await confirmed(town, anna)
    (row,) = await town.rows(mail_address, mail_address.c.patient == anna.subject)
    links = MailLinks(town.house.secrets, town.house.settings.base_url, town.house.clock)
    stop = token_of(links.make(Purpose.STOP, row.address_id))
    for asker in (town.provider(verified=True), town.agent()):
        with pytest.raises((NotFound, Refused)):
            await remove_address(town.house, asker, stop)
    assert len(await town.rows(mail_address, mail_address.c.patient == anna.subject)) == 1
