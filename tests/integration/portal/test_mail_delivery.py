"""A message comes once: whatever the mail server answers, whenever the line is cut or the program dies."""

from __future__ import annotations

import asyncio
import os
import signal
import ssl
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import trustme
from tests.house.tree import ROOT
from tests.mailing import ANNAS, MailServer, send_all, sender_of, wants_mail
from tests.sharing_town import Town

from beeldpas.portal.actions.remove_address import remove_address
from beeldpas.portal.actions.set_address import set_address
from beeldpas.portal.notify.outbox import KEPT, LEASE
from beeldpas.portal.secrets import write_new_secrets
from beeldpas.portal.store.tables import mail_address, notice


async def outcomes(town: Town) -> list[tuple[str, int]]:
    """What became of this town's messages, and after how many attempts."""
    anna = await town.patient()
    rows = await town.rows(mail_address, mail_address.c.patient == anna.subject)
    told = await town.rows(notice, notice.c.address_id == rows[0].address_id) if rows else []
    return [(one.outcome, one.attempts) for one in told]


async def waiting(town: Town, folder: Path, server: MailServer, **mail) -> None:
    """Let one message wait."""
    wants_mail(town, folder, server.port, **mail)
    await set_address(town.house, await town.patient(), ANNAS, "nl")


@pytest.mark.parametrize("step", ["RCPT", "DATA"])
async def test_a_server_that_says_later_is_asked_again_later(town: Town, tmp_path: Path, step: str) -> None:
    async with MailServer(answers={step: ["451 busy", "452 full"]}) as server:
        await waiting(town, tmp_path, server)
        sender = sender_of(town)
        await send_all(sender)
        assert await outcomes(town) == [("", 1)]
        assert await send_all(sender) == 0  # it is not due yet
        for minutes in (1, 5):
            town.clock.pass_by(minutes=minutes, seconds=1)
            await send_all(sender)
        assert await outcomes(town) == [("sent", 3)]
        town.clock.pass_by(days=3)
        assert await send_all(sender) == 0
    assert len(server.got) == 1


@pytest.mark.parametrize("step", ["RCPT", "DATA"])
async def test_a_server_that_says_never_is_not_asked_again(town: Town, tmp_path: Path, step: str) -> None:
    async with MailServer(answers={step: ["550 nobody here"]}) as server:
        await waiting(town, tmp_path, server)
        sender = sender_of(town)
        await send_all(sender)
        assert await outcomes(town) == [("failed", 1)]
        town.clock.pass_by(days=1)
        await send_all(sender)
    assert server.got == []


async def test_a_server_that_is_away_is_tried_for_two_days(town: Town, tmp_path: Path) -> None:
    async with MailServer() as server:
        await waiting(town, tmp_path, server)
    sender = sender_of(town)
    for _ in range(30):
        await send_all(sender)
        town.clock.pass_by(hours=4, seconds=1)
    ((outcome, attempts),) = await outcomes(town)
    assert outcome == "failed"
    assert 10 < attempts < 20


async def test_a_line_cut_before_the_text_is_tried_again(town: Town, tmp_path: Path) -> None:
    async with MailServer(cut={"RCPT"}) as server:
        await waiting(town, tmp_path, server)
        sender = sender_of(town)
        await send_all(sender)
        assert await outcomes(town) == [("", 1)]
        server.cut.clear()
        town.clock.pass_by(minutes=2)
        await send_all(sender)
        assert await outcomes(town) == [("sent", 2)]
    assert len(server.got) == 1


async def test_a_line_cut_after_the_text_is_uncertain_and_never_tried_again(town: Town, tmp_path: Path) -> None:
    async with MailServer(cut={"DATA"}) as server:
        await waiting(town, tmp_path, server)
        sender = sender_of(town)
        await send_all(sender)
        assert await outcomes(town) == [("uncertain", 1)]
        server.cut.clear()
        town.clock.pass_by(days=1)
        await send_all(sender)
    assert len(server.got) == 1


async def test_a_goodbye_that_fails_changes_nothing(town: Town, tmp_path: Path) -> None:
    async with MailServer() as server:
        await waiting(town, tmp_path, server)
        sender = sender_of(town)
        server.hangs_up_at_quit = True
        await send_all(sender)
    assert await outcomes(town) == [("sent", 1)]


async def test_many_senders_send_each_message_once(town: Town, tmp_path: Path) -> None:
    async with MailServer() as server:
        wants_mail(town, tmp_path, server.port)
        people = [replace(await town.patient(), subject=f"p1.{number:064x}") for number in range(12)]
        for person in people:
            await set_address(town.house, person, ANNAS, "nl")
        await asyncio.gather(*(send_all(sender_of(town)) for _ in range(4)))
    ids = [message["Message-ID"] for _, message in server.got]
    assert len(ids) == len(set(ids)) == len(people)


async def test_an_address_that_is_taken_away_at_the_last_moment_gets_nothing(town: Town, tmp_path: Path) -> None:
    anna = await town.patient()

    async def take_away() -> None:
        await remove_address(town.house, anna)

    async with MailServer(at_rcpt=take_away) as server:
        await waiting(town, tmp_path, server)
        await send_all(sender_of(town))
    assert server.got == []


async def test_what_was_told_is_forgotten_after_a_month(town: Town, tmp_path: Path) -> None:
    async with MailServer() as server:
        await waiting(town, tmp_path, server)
        sender = sender_of(town)
        await send_all(sender)
        anna = await town.patient()
        (row,) = await town.rows(mail_address, mail_address.c.patient == anna.subject)
        town.clock.now += KEPT
        town.clock.pass_by(seconds=1)
        await sender.look_around()
    assert await town.rows(notice, notice.c.address_id == row.address_id) == []
    assert await town.rows(mail_address, mail_address.c.patient == anna.subject) == []  # its link was not followed


@pytest.mark.parametrize("moment", ["before the text", "after the text"])
async def test_a_program_that_is_killed_while_sending(
    town: Town, tmp_path: Path, portal_database: str, moment: str
) -> None:
    town.house = replace(town.house, secrets=write_new_secrets(tmp_path / "secrets.json"))
    killed = asyncio.Event()

    def kill() -> None:
        os.kill(child.pid, signal.SIGKILL)
        killed.set()

    async def kill_at_rcpt() -> None:
        if not killed.is_set():
            kill()

    early = moment == "before the text"
    async with MailServer(at_rcpt=kill_at_rcpt if early else None, before_answer=None if early else kill) as server:
        await waiting(town, tmp_path, server)
        script = "import asyncio, sys, pathlib; from tests.mailing import send_in_a_process_of_its_own as send; "
        script += "asyncio.run(send(sys.argv[1], pathlib.Path(sys.argv[2]), int(sys.argv[3])))"
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", script, portal_database, str(tmp_path), str(server.port)), cwd=ROOT
        )
        await asyncio.wait_for(child.wait(), 60)
        assert killed.is_set()
        server.before_answer = None
        sender = sender_of(town)
        assert await send_all(sender) == 0  # the lease of the dead program runs on
        town.clock.now += LEASE
        town.clock.pass_by(minutes=1)
        await sender.look_around()
        await send_all(sender)
        town.clock.pass_by(days=1)
        await send_all(sender)
    assert len(server.got) == 1
    assert await outcomes(town) == [("sent", 2) if early else ("uncertain", 1)]


def _tls(folder: Path, name: str = "localhost") -> tuple[ssl.SSLContext, Path]:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    file = folder / "ca.pem"
    authority.cert_pem.write_to_path(file)
    return context, file


async def test_starttls_with_a_certificate_that_we_trust(town: Town, tmp_path: Path) -> None:
    context, ca_file = _tls(tmp_path)
    async with MailServer(tls=context) as server:
        await waiting(town, tmp_path, server, host="localhost", security="starttls")
        settings = town.house.settings.model_copy(update={"ca_file": ca_file})
        town.house = replace(town.house, settings=settings)
        await send_all(sender_of(town))
        assert await outcomes(town) == [("sent", 1)]
    assert server.over_tls == [True]


@pytest.mark.parametrize("wrong", ["unknown authority", "another name", "no TLS at all"])
async def test_nothing_leaves_when_tls_is_not_as_it_must_be(town: Town, tmp_path: Path, wrong: str) -> None:
    context, ca_file = _tls(tmp_path, "elsewhere.example" if wrong == "another name" else "localhost")
    async with MailServer(tls=None if wrong == "no TLS at all" else context) as server:
        await waiting(town, tmp_path, server, host="localhost", security="starttls")
        if wrong != "unknown authority":
            settings = town.house.settings.model_copy(update={"ca_file": ca_file})
            town.house = replace(town.house, settings=settings)
        await send_all(sender_of(town))
        assert await outcomes(town) == [("", 1)]
    assert server.got == []
    assert server.recipients == []
