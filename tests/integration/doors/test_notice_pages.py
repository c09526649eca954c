"""Messages by e-mail, as people meet them: asking, confirming, letting a share last longer, and wanting no more."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.cast import ANNA, BRAM
from tests.integration.doors.test_every_page import check_page
from tests.mailing import pending_token
from tests.portal_doors import Doors, Visitor, digid_says

from beeldpas.portal.notify.links import MailLinks, Purpose
from beeldpas.portal.pages.pages import Pages
from beeldpas.portal.store.tables import mail_address, share

NEW = {"email": "anna.jansen@post.example"}


def link(doors: Doors, purpose: Purpose, text: str) -> str:
    """The path of a mail's link."""
    house = doors.town.house
    made = MailLinks(house.secrets, house.settings.base_url, house.clock).make(purpose, text)
    return made.removeprefix(house.settings.base_url)


async def asked(doors: Doors) -> tuple[Visitor, str]:
    """Anna asked for messages; the token of the link that she gets."""
    anna = await doors.patient()
    await anna.post("/notices", NEW)
    return anna, await pending_token(doors.town, await doors.town.patient())


async def test_an_address_is_asked_for_confirmed_and_taken_away(doors: Doors) -> None:
    anna, token = await asked(doors)
    assert "Wij stuurden een link naar anna.jansen@post.example" in (await anna.get("/notices")).text
    page = await anna.get(f"/mail/confirm?t={token}")
    assert [form.action for form in page.forms if "mail" in form.action] == ["/mail/confirm"]
    assert "U krijgt bericht op" not in (await anna.get("/notices")).text  # opening the link changed nothing
    page = await anna.post("/mail/confirm", {"t": token})
    assert "Uw e-mailadres is bevestigd" in page.text
    assert "U krijgt bericht op anna.jansen@post.example" in page.text
    await anna.post("/notices/remove")
    await anna.post("/notices/remove")
    assert "U krijgt nu geen mail" in (await anna.get("/notices")).text
    again = await anna.post("/mail/confirm", {"t": token})
    assert (again.status, "Deze link werkt niet meer" in again.text) == (403, True)


async def test_who_follows_the_link_elsewhere_signs_in_and_goes_on(doors: Doors) -> None:
    _, token = await asked(doors)
    elsewhere = doors.visitor()
    page = await elsewhere.get(f"/mail/confirm?t={token}")
    assert "Log eerst in" in page.text
    doors.parties["patient"].says = digid_says(ANNA.bsn.reveal())
    back = await elsewhere.sign_in("/sign-in", "/callback/digid")
    assert back.headers["location"] == f"/mail/confirm?t={token}"
    assert "bevestigd" in (await elsewhere.post("/mail/confirm", {"t": token})).text
    second = await elsewhere.sign_in("/sign-in", "/callback/digid")
    assert second.headers["location"] == "/timeline"  # once


async def test_a_scanner_that_opens_and_posts_confirms_nothing(doors: Doors) -> None:
    anna, token = await asked(doors)
    scanner = doors.visitor()
    await scanner.get(f"/mail/confirm?t={token}")
    await scanner.post("/mail/confirm", {"t": token})
    bram = await doors.patient(BRAM)
    assert (await bram.post("/mail/confirm", {"t": token})).status == 403
    assert "U krijgt bericht op" not in (await anna.get("/notices")).text


@pytest.mark.parametrize(
    "typed", ["", "anna", "a@b", "anna@post.example\r\nBcc: x@y.example", "<script>@post.example"]
)
async def test_what_is_no_address_is_said_and_shown_escaped(doors: Doors, typed: str) -> None:
    anna = await doors.patient()
    page = await anna.post("/notices", {"email": typed})
    assert (page.status, "Dit e-mailadres klopt niet" in page.text) == (400, True)
    assert "<script>@" not in page.html
    assert await doors.town.rows(mail_address, mail_address.c.patient == (await doors.town.patient()).subject) == []


async def test_the_one_button_that_lets_a_share_last_longer(doors: Doors) -> None:
    anna = await doors.patient()
    share_id = (await anna.share())[0]
    before = (await doors.town.rows(share, share.c.share_id == share_id))[0].expires_at
    page = await anna.get(link(doors, Purpose.EXTEND, share_id))
    form = page.form(f"/shares/{share_id}/extend")
    assert (await doors.town.rows(share, share.c.share_id == share_id))[0].expires_at == before
    await anna.post(form.action, dict(form.values))
    after = (await doors.town.rows(share, share.c.share_id == share_id))[0].expires_at
    assert (after - before).days == 7


async def test_never_past_thirty_days(doors: Doors) -> None:
    anna = await doors.patient()
    share_id = (await anna.share(days="28"))[0]
    page = await anna.get(f"/shares/{share_id}/longer")
    assert page.form(f"/shares/{share_id}/extend").values["days"] == "2"
    await anna.post(f"/shares/{share_id}/extend", {"days": "2"})
    page = await anna.get(f"/shares/{share_id}/longer")
    assert "ten hoogste 30 dagen" in page.text
    assert [form for form in page.forms if "extend" in form.action] == []


async def test_anothers_link_to_a_share_leads_nowhere(doors: Doors) -> None:
    share_id = (await (await doors.patient()).share())[0]
    bram = await doors.patient(BRAM)
    assert (await bram.get(link(doors, Purpose.EXTEND, share_id))).status == 404
    stranger = await doors.visitor().get(link(doors, Purpose.EXTEND, share_id))
    assert share_id not in stranger.html


async def test_the_mails_stop_with_one_button_and_without_signing_in(doors: Doors) -> None:
    anna, token = await asked(doors)
    await anna.post("/mail/confirm", {"t": token})
    (row,) = await doors.town.rows(mail_address, mail_address.c.patient == (await doors.town.patient()).subject)
    stop = link(doors, Purpose.STOP, row.address_id)
    page = await doors.visitor().get(stop)
    assert "U krijgt bericht op" in (await anna.get("/notices")).text
    form = dict(page.form("/mail/stop").values)
    for _ in range(2):
        page = await doors.visitor().post("/mail/stop", form)
        assert "U krijgt geen mail meer" in page.text
        assert "anna" not in page.text
    assert "U krijgt nu geen mail" in (await anna.get("/notices")).text


@pytest.mark.parametrize("path", ["/mail/confirm", "/mail/extend", "/mail/stop"])
@pytest.mark.parametrize("token", ["", "x", "~", "a.b.c", "%00", "é", "a" * 5000])
async def test_a_link_that_is_not_ours_says_so(doors: Doors, path: str, token: str) -> None:
    page = await doors.visitor().get(f"{path}?t={token}")
    assert page.status == 404
    check_page(page, "nl")


async def test_a_link_of_one_kind_is_worth_nothing_as_another(doors: Doors) -> None:
    _, token = await asked(doors)
    assert (await doors.visitor().get(f"/mail/stop?t={token}")).status == 404
    assert (await doors.visitor().post("/mail/stop", {"t": token})).status == 404


async def test_without_a_mail_server_nothing_is_offered(doors: Doors) -> None:
    town = doors.town
    town.house = replace(town.house, settings=town.house.settings.model_copy(update={"mail": None}))
    doors.starlette.state.house, doors.starlette.state.pages = town.house, Pages(town.house.settings)
    anna = await doors.patient()
    assert "Bericht krijgen" not in (await anna.get("/shares")).text
    for page in (await anna.get("/notices"), await anna.post("/notices", NEW)):
        assert page.status == 404
