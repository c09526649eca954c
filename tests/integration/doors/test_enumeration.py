"""Whoever tries ids one after the other learns nothing: another's share and a share that never was look the same."""

from __future__ import annotations

import re
from secrets import token_hex

from tests.portal_doors import FORM, SAME_SITE, Doors
from tests.sharing_town import foreign_code

from beeldpas.domain.codes import PIN


def plain(html: str) -> str:
    """A page without what is new in every answer."""
    return re.sub(r"[0-9a-f]{32}|[A-Za-z0-9_-]{40,}", "", html)


async def test_anothers_share_and_one_that_never_was_get_the_same_answer(doors: Doors) -> None:
    anna = await doors.patient()
    share_id = (await anna.share())[0]
    strangers = [doors.visitor(), await doors.provider(), await doors.agent()]
    for visitor in strangers:
        for path in ("/shares/{}", "/shares/{}/code", "/shares/{}/stop", "/provider/shares/{}"):
            real = await visitor.client.get(path.format(share_id))
            none = await visitor.client.get(path.format(token_hex(len(share_id) // 2)))
            assert (path, real.status_code) == (path, none.status_code)
            assert plain(real.text) == plain(none.text)
        for path in ("/shares/{}/stop", "/shares/{}/extend", "/provider/shares/{}/download"):
            fields = {"why": "", "days": "3", "grant": "x"}
            sent = {"data": fields, "headers": SAME_SITE | FORM}
            real = await visitor.client.post(path.format(share_id), **sent)  # type: ignore[arg-type]
            none = await visitor.client.post(path.format(token_hex(len(share_id) // 2)), **sent)  # type: ignore[arg-type]
            assert (path, real.status_code) == (path, none.status_code)
            assert plain(real.text) == plain(none.text)


async def test_a_code_of_nobody_is_answered_alike_whatever_pin_comes_with_it(doors: Doors) -> None:
    visitor = doors.visitor()
    pages = {
        plain((await visitor.redeem(foreign_code(), PIN.new(number))).html.partition("<main")[0]) for number in (0, 7)
    }
    assert len(pages) == 1


async def test_ids_are_too_many_to_try(doors: Doors) -> None:
    anna = await doors.patient()
    share_id = (await anna.share())[0]
    assert re.fullmatch(r"[0-9a-f]{32}", share_id)
    stored = doors.town.house.clock()
    assert str(int(stored.timestamp())) not in share_id
