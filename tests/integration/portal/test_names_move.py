"""A new key for names while many people sign in at once: noted once, and every row moved once, on both databases."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from itertools import count

from sqlalchemy import insert
from tests.cast import ANNA, BRAM, CEES
from tests.sharing_town import HEAD_CT, Town

from beeldpas.database.engine import transaction
from beeldpas.portal.actions.make_share import Choice
from beeldpas.portal.actions.sign_in import sign_in
from beeldpas.portal.actions.view_shares import view_shares
from beeldpas.portal.store import adoption
from beeldpas.portal.store.tables import access_log, mail_address, share


async def test_many_who_sign_in_after_a_new_key_note_it_once_and_lose_nothing(town: Town) -> None:
    await sign_in(town.house, door="patient", asker=await town.patient(CEES))
    anna = await town.patient()
    made = {(await town.share(anna, Choice(HEAD_CT, "noord"))).share_id for _ in range(3)}
    town.house.pseudonyms.rotate()
    moments = count()
    town.house = replace(town.house, clock=lambda: town.clock.now + timedelta(milliseconds=next(moments)))
    people = [await town.patient(who) for who in (ANNA, ANNA, ANNA, BRAM, CEES) for _ in range(2)]
    await asyncio.gather(*(sign_in(town.house, door="patient", asker=one) for one in people))
    rows = await town.rows(access_log, access_log.c.kind == "names_changed")
    told = [json.loads(row.record)["fingerprint"] for row in rows]
    assert told.count("n2 n1") == 1
    assert {one.share_id for one in await view_shares(town.house, people[0])} == made
    assert {row.patient for row in await town.rows(share, share.c.share_id.in_(made))} == {people[0].subject}


async def test_two_keys_later_the_latest_of_what_a_patient_has_once_stays(town: Town) -> None:
    """A visit that outlived a change of keys wrote an address under the name of before."""
    names = ("n9.dina", "n8.dina", "n7.dina")
    async with transaction(town.house.engine) as connection:
        for name, language in (("n8.dina", "en"), ("n7.dina", "nl")):
            values = {"address_id": f"address-{name}", "patient": name, "language": language}
            await connection.execute(insert(mail_address).values(values))
    async with transaction(town.house.engine) as connection:
        assert await adoption.adopt(connection, names) == 1
    (kept,) = await town.rows(mail_address, mail_address.c.patient.in_(names))
    assert (kept.patient, kept.language) == ("n9.dina", "en")
