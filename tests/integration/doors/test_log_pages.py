"""The log as its patient meets it: sentences, filters, pages, paper, and "this is not right"."""

from __future__ import annotations

import re
from dataclasses import replace
from uuid import uuid4

import pypdfium2
import pytest
from tests.cast import BRAM
from tests.portal_doors import Doors, Visitor

from beeldpas.audit import log
from beeldpas.audit.event import Actor, Event
from beeldpas.audit.events import Use
from beeldpas.database.engine import transaction
from beeldpas.domain.codes import PIN, ShareCode
from beeldpas.domain.secret import OneTimeCode
from beeldpas.portal.actions.exchange_code import exchange_code
from beeldpas.portal.actions.record_use import UseReport, record_use
from beeldpas.portal.actions.redeem_share import redeem_share
from beeldpas.portal.actions.start_download import start_download


async def downloaded(
    doors: Doors, code: ShareCode, pin: PIN, outcome: str = "completed", *, told: bool = True
) -> None:
    """A radiologist who signed in downloads what Noord has of the share."""
    town = doors.town
    noord = town.house.directory.by_id("noord")
    asker = replace(town.provider(verified=True), roles=frozenset({"01.039"}))
    opened = await redeem_share(town.house, asker, code, pin)
    part = next(part for part in opened.share.hospitals if part.hospital.gateway_id == "noord")
    went = await start_download(town.house, asker, part.grant_handle, "nl")
    given = OneTimeCode(re.findall(r"code=([^&]+)", went.redirect_url)[0])
    await exchange_code(town.house, noord, given, f"{noord.base_url}/download")
    uids = tuple(study.study.uid for study in part.studies)
    for phase, how, size in (("started", "running", 0), ("ended", outcome, 640_000_000)):
        town.clock.pass_by(minutes=1)
        if told:
            report = UseReport(str(uuid4()), part.grant_handle, Use.DOWNLOAD, phase, uids, size, how, town.clock.now)
            await record_use(town.house, noord, [report])


async def shared(doors: Doors, language: str = "nl") -> tuple[Visitor, ShareCode, PIN, str]:
    """Anna shared something; with its reference."""
    anna = await doors.patient(language=language)
    _, code, pin, page = await anna.share()
    return anna, code, pin, page.marked("code")


async def test_a_download_is_one_plain_sentence(doors: Doors) -> None:
    anna, code, pin, reference = await shared(doors)
    await downloaded(doors, code, pin)
    text = (await anna.get("/log")).text
    assert (
        "Een radioloog van Kliniek De Linde, ingelogd als zorgverlener, heeft om 10.32 uur 2 onderzoeken "
        f"(14 beelden, 640 MB) gedownload bij Ziekenhuis Noord, op grond van uw toegang {reference}. "
        "Alles is aangekomen."
    ) in text
    assert "toestemming voor een download" not in text
    assert "Dr. D. Dekker" in text
    english = await doors.patient(language="en")
    assert (
        "A radiologist of Kliniek De Linde, signed in as a care provider, downloaded"
        in (await english.get("/log")).text
    )


async def test_what_the_hospital_did_not_tell_is_said(doors: Doors) -> None:
    anna, code, pin, _ = await shared(doors)
    await downloaded(doors, code, pin, told=False)
    doors.town.clock.pass_by(minutes=11)
    text = (await anna.get("/log")).text
    assert "Het ziekenhuis heeft ons niet verteld of hier iets op volgde." in text


async def test_own_dates_and_one_share(doors: Doors) -> None:
    anna, code, pin, reference = await shared(doors)
    await downloaded(doors, code, pin)
    today = doors.town.clock.now.date().isoformat()
    for query, is_there in (
        (f"days=own&from={today}&to={today}", True),
        ("days=own&from=2026-01-01&to=2026-01-31", False),
        (f"share={reference}", True),
        ("share=K7P-4QX-92M", False),
    ):
        assert ("gedownload bij" in (await anna.get(f"/log?{query}")).text) is is_there, query
    assert "Deze datums kloppen niet" in (await anna.get("/log?days=own&from=x&to=y")).text


async def test_a_long_log_comes_page_by_page_and_nothing_twice(doors: Doors) -> None:
    anna = await doors.patient()
    who = (await doors.town.patient()).subject
    async with transaction(doors.town.house.engine) as connection:
        for number in range(120):
            actor = Actor("provider", "x", f"Dr. {number:03}", f"Praktijk {number:03}", None, True)
            at = doors.town.clock.now.replace(microsecond=number // 3)  # three at a time at the same moment
            await log.append(
                connection, Event(str(uuid4()), at, "view_share", "done", actor, patient=who, basis="share")
            )
    path, seen, pages = "/log", [], 0
    while path:
        page = await anna.get(path)
        found = re.findall(r"<bdi>Praktijk (\d{3})</bdi>", page.html)
        assert len(found) <= 50
        seen, pages = seen + found, pages + 1
        older = re.search(r'href="(/log\?[^"]+)" rel="next"', page.html)
        path = older[1].replace("&amp;", "&") if older else ""
    assert (pages, sorted(seen), len(seen)) == (3, [f"{number:03}" for number in range(120)], 120)


async def test_alike_lines_of_a_day_are_one(doors: Doors) -> None:
    anna = await doors.patient()
    for _ in range(3):
        await anna.get("/timeline")
        doors.town.clock.pass_by(minutes=1)
    text = (await anna.get("/log?whose=all")).text
    assert "(3 keer, tussen" in text


async def test_alike_lines_of_one_minute_name_it_once(doors: Doors) -> None:
    anna = await doors.patient()
    for _ in range(2):
        await anna.get("/timeline")
    text = (await anna.get("/log?whose=all")).text
    assert "(2 keer om" in text
    assert "keer, tussen" not in text


async def test_on_paper_it_says_the_same(doors: Doors) -> None:
    anna, code, pin, reference = await shared(doors)
    await downloaded(doors, code, pin)
    answer = await anna.client.get("/log.pdf?whose=all&days=7")
    assert answer.headers["content-type"] == "application/pdf"
    document = pypdfium2.PdfDocument(answer.content)
    text = " ".join(" ".join(page.get_textpage().get_text_bounded() for page in document).split())
    assert "Een radioloog van Kliniek De Linde" in text
    assert reference in text.replace("- ", "-")
    assert b"/MarkInfo" in answer.content or document.is_tagged()
    assert code.reveal() not in text


async def test_this_is_not_right_stops_the_share_and_reports_it(doors: Doors) -> None:
    anna, code, pin, reference = await shared(doors)
    await downloaded(doors, code, pin)
    page = await anna.get("/log")
    path = re.findall(r'href="(/log/[0-9a-f-]{36}/not-me)"', page.html)[0]
    asking = await anna.get(path)
    assert f"Stop de toegang {reference}" in asking.text
    assert "Gestopt" not in (await anna.get("/shares")).text  # asking changed nothing
    bram = await doors.patient(BRAM)
    assert (await bram.get(path)).status == (await bram.post(path)).status == 404
    done = await anna.post(path)
    assert f"De toegang {reference} is gestopt" in done.text
    assert "0800 0100" in done.text
    assert "U meldde om" in (await anna.get("/log?whose=all")).text
    assert (await doors.visitor().redeem(code, pin)).status == 403


@pytest.mark.parametrize("path", ["/log/x/not-me", "/log/00000000-0000-4000-8000-000000000000/not-me"])
async def test_a_line_that_is_not_there(doors: Doors, path: str) -> None:
    anna = await doors.patient()
    assert (await anna.get(path)).status == (await anna.post(path)).status == 404
