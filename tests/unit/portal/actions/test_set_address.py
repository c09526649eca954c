"""A patient may give an address; it is sealed, and nothing is sent to it but a link until that was followed."""

from pathlib import Path

import pytest
from tests.cast import BRAM
from tests.mailing import ANNAS, confirmed, wants_mail
from tests.sharing_town import Town

from beeldpas.domain.errors import NotFound, Refused
from beeldpas.domain.mail import MailAddress
from beeldpas.portal.actions.remove_address import remove_address
from beeldpas.portal.actions.set_address import set_address
from beeldpas.portal.actions.view_notices import view_notices
from beeldpas.portal.store.tables import access_log, mail_address, notice


async def test_an_address_waits_for_its_link_and_is_nowhere_in_plain(town: Town, tmp_path: Path) -> None:
    wants_mail(town, tmp_path)
    anna = await town.patient()
    await set_address(town.house, anna, ANNAS, "en")
    (row,) = await town.rows(mail_address, mail_address.c.patient == anna.subject)
    assert (row.sealed, row.verified_at, row.language) == (None, None, "en")
    assert ANNAS.reveal().encode() not in row.pending
    (waiting,) = await town.rows(notice, notice.c.address_id == row.address_id)
    assert (waiting.kind, waiting.outcome) == ("verify", "")
    records = await town.rows(access_log.c.record, access_log.c.patient == anna.subject)
    assert all("post.example" not in record.record for record in records)
    seen = await view_notices(town.house, anna)
    assert (seen.address, seen.pending) == (None, ANNAS.reveal())


async def test_the_address_in_use_stays_until_the_new_one_was_confirmed(town: Town, tmp_path: Path) -> None:
    wants_mail(town, tmp_path)
    anna = await town.patient()
    await confirmed(town, anna)
    await set_address(town.house, anna, MailAddress.parse("anna@elders.example"), "nl")
    seen = await view_notices(town.house, anna)
    assert (seen.address, seen.pending) == (ANNAS.reveal(), "anna@elders.example")


async def test_only_the_newest_link_is_sent(town: Town, tmp_path: Path) -> None:
    wants_mail(town, tmp_path)
    anna = await town.patient()
    for _ in range(2):
        await set_address(town.house, anna, ANNAS, "nl")
    (row,) = await town.rows(mail_address, mail_address.c.patient == anna.subject)
    told = await town.rows(notice.c.outcome, notice.c.address_id == row.address_id)
    assert sorted(one.outcome for one in told) == ["", "dropped"]


async def test_five_links_a_day(town: Town, tmp_path: Path) -> None:
    wants_mail(town, tmp_path)
    anna = await town.patient()
    for number in range(5):
        await set_address(town.house, anna, MailAddress.parse(f"a{number}@post.example"), "nl")
    with pytest.raises(Refused) as refusal:
        await set_address(town.house, anna, ANNAS, "nl")
    assert refusal.value.reason == "address_limit"
    await set_address(town.house, await town.patient(BRAM), ANNAS, "nl")
    town.clock.pass_by(days=1, minutes=1)
    await set_address(town.house, anna, ANNAS, "nl")


async def test_whoever_takes_the_address_away_in_between_gets_no_more_links_for_somebody_elses_mailbox(
    town: Town, tmp_path: Path
) -> None:
    wants_mail(town, tmp_path)
    anna, victim = await town.patient(), MailAddress.parse("victim@post.example")
    for _ in range(5):
        await set_address(town.house, anna, victim, "nl")
        await remove_address(town.house, anna)
    with pytest.raises(Refused) as refusal:
        await set_address(town.house, anna, victim, "nl")
    assert refusal.value.reason == "address_limit"


async def test_without_a_mail_server_there_is_nothing_to_set(town: Town) -> None:
    with pytest.raises(NotFound):
        await set_address(town.house, await town.patient(), ANNAS, "nl")


async def test_nobody_else_sets_an_address(town: Town, tmp_path: Path) -> None:
    wants_mail(town, tmp_path)
    for asker in (town.provider(verified=True), town.agent()):
        with pytest.raises((NotFound, Refused)):
            await set_address(town.house, asker, ANNAS, "nl")
