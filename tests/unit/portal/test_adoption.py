"""A new key for names: what stood under the old name is the patient's still, after they signed in."""

import json
from dataclasses import replace

from tests.cast import BRAM
from tests.sharing_town import HEAD_CT, Town

from beeldpas.database.engine import transaction
from beeldpas.portal.actions.asker import Asker
from beeldpas.portal.actions.make_share import Choice
from beeldpas.portal.actions.sign_in import sign_in
from beeldpas.portal.actions.view_log import view_log
from beeldpas.portal.actions.view_shares import view_shares
from beeldpas.portal.store.adoption import ADOPTED, NAMED, count_under
from beeldpas.portal.store.tables import access_log, issued_grant, mail_address, metadata, share

HEAD = (Choice(HEAD_CT, "noord"),)


async def signed_in(town: Town) -> Asker:
    anna = await town.patient()
    await sign_in(town.house, door="patient", asker=anna)
    return anna


async def test_a_share_of_before_the_new_key_is_found_after_the_next_sign_in(town: Town) -> None:
    before = await signed_in(town)
    made = await town.share(before, *HEAD)
    await town.redeem(town.provider(), made)
    town.house.pseudonyms.rotate()
    after = await signed_in(town)
    assert after.subject != before.subject
    assert [one.share_id for one in await view_shares(town.house, after)] == [made.share_id]
    for table in (share, issued_grant):
        assert {row.patient for row in await town.rows(table, table.c.share_id == made.share_id)} == {after.subject}


async def test_the_log_is_read_under_every_name_and_never_rewritten(town: Town) -> None:
    before = await signed_in(town)
    await town.share(before, *HEAD)
    rows = await town.rows(access_log, access_log.c.patient == before.subject)
    town.house.pseudonyms.rotate()
    after = await signed_in(town)
    lines = await view_log(town.house, after)
    assert sorted(line.action for line in lines) == ["make_share", "sign_in", "sign_in"]
    assert await town.rows(access_log, access_log.c.patient == before.subject) == rows


async def test_a_refused_sign_in_moves_nothing(town: Town) -> None:
    before = await signed_in(town)
    await town.share(before, *HEAD)
    town.house.pseudonyms.rotate()
    await sign_in(town.house, door="patient", asker=await town.patient(), refused="login_level_too_low")
    assert {row.patient for row in await town.rows(share, share.c.patient == before.subject)} == {before.subject}


async def test_nobody_else_gets_what_is_adopted(town: Town) -> None:
    await town.share(await signed_in(town), *HEAD)
    town.house.pseudonyms.rotate()
    bram = await town.patient(BRAM)
    await sign_in(town.house, door="patient", asker=bram)
    assert await view_shares(town.house, bram) == ()


async def test_of_two_addresses_the_one_under_the_newest_name_stays(town: Town) -> None:
    town.house.pseudonyms.rotate()
    anna = await town.patient()
    async with transaction(town.house.engine) as connection:
        for number, name in enumerate(anna.names):
            row = {"address_id": f"{anna.session[:20]}{number}", "patient": name, "language": "nl"}
            await connection.execute(mail_address.insert().values(**row))
    await sign_in(town.house, door="patient", asker=anna)
    left = await town.rows(mail_address, mail_address.c.address_id.startswith(anna.session[:20]))
    assert [(row.patient, row.address_id[-1]) for row in left] == [(anna.subject, "0")]


async def test_what_stands_under_a_key_is_counted_log_included(town: Town) -> None:
    town.house.pseudonyms.keys = [("k1", b"k" * 32)]
    anna = await signed_in(town)
    async with transaction(town.house.engine) as connection:
        before = await count_under(connection, "k1")
    await town.share(anna, *HEAD)
    async with transaction(town.house.engine) as connection:
        assert await count_under(connection, "k1") == before + 2, "the share, and its line in the log"
        assert await count_under(connection, "k") == 0


async def test_a_change_of_keys_is_an_event_once(town: Town) -> None:
    town.house.pseudonyms.keys = [("c1", b"c" * 32)]
    await signed_in(town)
    await signed_in(town)
    town.house.pseudonyms.keys.insert(0, ("c2", b"d" * 32))
    town.clock.pass_by(seconds=1)
    await signed_in(town)
    town.clock.pass_by(seconds=1)
    await signed_in(town)
    town.house.pseudonyms.keys.pop()
    town.clock.pass_by(seconds=1)
    await signed_in(town)
    events = [json.loads(row.record) for row in await town.rows(access_log, access_log.c.kind == "names_changed")]
    events.sort(key=lambda event: event["at"])
    told = [(event["before"], event["fingerprint"]) for event in events if "c2" in event["fingerprint"]]
    assert told == [("c1", "c2 c1"), ("c1 c2", "c2")]


def test_every_table_that_says_whose_a_row_is_takes_part() -> None:
    assert {table.name for table in metadata.sorted_tables if "patient" in table.c} == {one.name for one in NAMED}
    assert {one.name for one in NAMED} - {one.name for one in ADOPTED} == {"access_log"}


async def test_whoever_has_one_name_has_nothing_to_move(town: Town) -> None:
    anna = replace(await signed_in(town), known_as=())
    made = await town.share(anna, *HEAD)
    await sign_in(town.house, door="patient", asker=anna)
    assert [row.patient for row in await town.rows(share, share.c.share_id == made.share_id)] == [anna.subject]
