"""What patients are told by e-mail, through a real mail server: what it says, to whom, and that it comes once."""

from __future__ import annotations

import asyncio
import re
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from tests.cast import DEKKER, EVERS
from tests.mailing import ANNAS, MailServer, confirmed, send_all, sender_of, token_of, wants_mail
from tests.sharing_town import TERMS, Town, wrong

from beeldpas.domain.errors import Refused
from beeldpas.domain.share import ShareTerms
from beeldpas.portal.actions.extend_share import extend_share
from beeldpas.portal.actions.remove_address import remove_address
from beeldpas.portal.actions.revoke_share import revoke_share
from beeldpas.portal.actions.set_address import set_address
from beeldpas.portal.actions.verify_address import verify_address
from beeldpas.portal.store.tables import mail_address, notice

HOSTILE = "Kliniek\r\nBcc: dief@example.com\r\n\r\n<script>alert(1)</script>"
# Everything of Anna's story that a mail must not tell.
NEVER = re.compile(
    r"\b(noord|west|zuid|dekker|linde|evers|jansen|ct|mr|schedel|hoofd|knie|head|knee|tweede mening|1\.2\.840)\b",
    re.I,
)


def words_of(message) -> str:
    """Everything that a mail says, without its own links and the address that it goes to."""
    said = "\n".join(part.get_content() for part in message.walk() if not part.is_multipart())
    said = re.sub(r"https?://\S+", "", f"{message['Subject']}\n{said}")
    return re.sub(r"(?i)<(/?\w+|!doctype)[^>]*>", "", said)


async def of_anna(town: Town, outcome: str | None = None) -> list[str]:
    """The kinds of what was written for this town's Anna (with this outcome), oldest first."""
    anna = await town.patient()
    (row,) = await town.rows(mail_address, mail_address.c.patient == anna.subject)
    told = await town.rows(notice, notice.c.address_id == row.address_id)
    chosen = [one for one in told if outcome is None or one.outcome == outcome]
    return [one.kind for one in sorted(chosen, key=lambda one: (one.made_at, one.kind))]


async def test_from_the_first_link_to_the_first_use(town: Town, tmp_path: Path) -> None:
    async with MailServer() as server:
        wants_mail(town, tmp_path, server.port)
        anna, sender = await town.patient(), sender_of(town)
        await set_address(town.house, anna, ANNAS, "nl")
        await send_all(sender)
        (to, asking) = server.got.pop()
        assert to == [ANNAS.reveal()]
        plain = asking.get_body(("plain",)).get_content()
        (link,) = re.findall(r"https://\S+", plain)
        await verify_address(town.house, anna, token_of(link))

        made = await town.share(anna)
        await town.redeem(town.provider(), made)
        await send_all(sender)
        (to, told) = server.got.pop()
    assert to == [ANNAS.reveal()]
    assert told["Subject"] == f"Uw toegang {made.reference} is gebruikt"
    assert told["From"] == "Beeldpas <noreply@beeldpas.example>"
    assert told["Auto-Submitted"] == "auto-generated"
    assert re.fullmatch(r"<[0-9a-f]{32}@portal\.example>", told["Message-ID"])
    assert re.fullmatch(r"<https://portal\.example/mail/stop\?t=\S+>", told["List-Unsubscribe"])
    assert re.search(rb"(?m)^List-Unsubscribe: <https://portal\.example/mail/stop\?t=\S+>\r$", server.raw[-1])
    assert max(map(len, server.raw[-1].split(b"\r\n"))) < 200
    assert "niet gecontroleerd" in words_of(told)
    assert NEVER.search(words_of(told)) is None
    html = told.get_body(("html",)).get_content()
    assert re.findall(r"(?i)<(?:img|script|link|iframe)|\ssrc=|url\(", html) == []
    assert set(re.findall(r"https?://[^/\s\"<]+", html)) == {"https://portal.example"}


async def test_each_kind_speaks_the_patients_language_and_tells_nothing_medical(town: Town, tmp_path: Path) -> None:
    async with MailServer() as server:
        wants_mail(town, tmp_path, server.port)
        anna, sender = await town.patient(), sender_of(town)
        await confirmed(town, anna, language="en")
        made = await town.share(anna)
        await town.redeem(town.provider(verified=True), made)
        with pytest.raises(Refused):
            await town.redeem(town.provider(EVERS), made)
        for _ in range(10):
            with pytest.raises(Refused):
                await town.redeem(town.provider(), replace(made, pin=wrong(made.pin)))
        town.clock.now = made.expires_at
        town.clock.pass_by(days=-2)
        await sender.look_around()
        await send_all(sender)
    told = {message["Subject"]: message for _, message in server.got}
    ref = made.reference
    assert set(told) == {
        f"Your share {ref} was used",
        f"Question about {ref}",
        f"Wrong PIN for {ref}",
        f"{ref} is locked",
        f"{ref} ends in 2 days",
    }
    assert sorted(message["Subject"] for _, message in server.got).count(f"Wrong PIN for {ref}") == 2
    assert "signed in as a care provider" in words_of(told[f"Your share {ref} was used"])
    assert [subject for subject, message in told.items() if NEVER.search(words_of(message))] == []
    assert {message["Content-Language"] for message in told.values()} == {"en"}


async def test_hostile_names_are_in_no_mail(town: Town, tmp_path: Path) -> None:
    async with MailServer() as server:
        wants_mail(town, tmp_path, server.port)
        anna, sender = await town.patient(), sender_of(town)
        await confirmed(town, anna)
        made = await town.share(anna, terms=ShareTerms(HOSTILE, 14, "nl", True, HOSTILE))
        await town.redeem(town.provider((HOSTILE, HOSTILE, None)), made)
        await send_all(sender)
    ((_, told),) = server.got
    assert "dief" not in told.as_string()
    assert told["Bcc"] is None
    assert len(told.get_all("To")) == len(told.get_all("Subject")) == 1


async def test_nobody_without_a_confirmed_address_is_told(town: Town, tmp_path: Path) -> None:
    async with MailServer() as server:
        wants_mail(town, tmp_path, server.port)
        anna, sender = await town.patient(), sender_of(town)
        await set_address(town.house, anna, ANNAS, "nl")
        made = await town.share(anna)
        await town.redeem(town.provider(), made)
        assert await of_anna(town) == ["verify"]
        await remove_address(town.house, anna)
        await send_all(sender)
    assert server.got == []


async def test_wrong_pins_are_told_at_three_and_seven_and_the_lock_once(town: Town, tmp_path: Path) -> None:
    wants_mail(town, tmp_path)
    anna = await town.patient()
    await confirmed(town, anna)
    made = await town.share(anna)
    tried = [town.redeem(town.provider(), replace(made, pin=wrong(made.pin))) for _ in range(14)]
    answers = await asyncio.gather(*tried, return_exceptions=True)
    assert all(isinstance(answer, Refused) for answer in answers)
    assert sorted(await of_anna(town)) == ["locked", "verify", "wrong_pins", "wrong_pins"]


async def test_the_first_use_is_told_once_and_each_other_organisation_once(town: Town, tmp_path: Path) -> None:
    wants_mail(town, tmp_path)
    anna = await town.patient()
    await confirmed(town, anna)
    made = await town.share(anna)
    for _ in range(3):
        await town.redeem(town.provider(DEKKER), made)
        for _ in range(2):
            with pytest.raises(Refused):
                await town.redeem(town.provider(EVERS), made)
        town.clock.pass_by(hours=2)
    assert sorted(await of_anna(town)) == ["first_use", "second_organisation", "verify"]


async def test_what_was_rolled_back_is_not_told(town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wants_mail(town, tmp_path)
    anna = await town.patient()
    await confirmed(town, anna)
    made = await town.share(anna)

    async def broken(*_: object) -> bool:
        return False

    monkeypatch.setattr("beeldpas.portal.actions.frame.log.append", broken)
    with suppress(RuntimeError):
        await town.redeem(town.provider(), made)
    monkeypatch.undo()
    assert await of_anna(town) == ["verify"]


async def test_a_share_that_ends_in_two_days_is_told_once_and_again_after_it_was_extended(
    town: Town, tmp_path: Path
) -> None:
    wants_mail(town, tmp_path)
    anna, sender = await town.patient(), sender_of(town)
    await confirmed(town, anna)
    made = await town.share(anna, terms=ShareTerms(TERMS.for_whom, 10))
    stopped = await town.share(anna, terms=ShareTerms(TERMS.for_whom, 10))
    await revoke_share(town.house, anna, share_id=stopped.share_id, why="")
    for hours, told in ((7 * 24, 0), (48, 1), (2, 1)):
        town.clock.pass_by(hours=hours)
        await sender.look_around()
        assert (await of_anna(town)).count("expiring") == told, hours
    await extend_share(town.house, anna, made.share_id, 7)
    for days, told in ((1, 1), (6, 2)):
        town.clock.pass_by(days=days)
        await sender.look_around()
        assert (await of_anna(town)).count("expiring") == told, days
