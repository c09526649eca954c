"""The page of a share for its care provider: newest first, what there is to do, how downloads go, who paused it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from tests.cast import ANNA, NOORD
from tests.portal_doors import Doors, Visitor
from tests.sharing_town import CHEST_CR, HEAD_CT, study

from beeldpas.audit.events import Use
from beeldpas.demo.check.page import Page
from beeldpas.domain.study import DateGiven
from beeldpas.portal.actions.preview_share import Choice
from beeldpas.portal.actions.record_use import UseReport, record_use
from beeldpas.portal.actions.suspend_share import suspend_share


async def shared(doors: Doors) -> tuple[Visitor, Page, str]:
    """A care provider who opened Anna's share, the page of it, and the share's reference."""
    patient = await doors.patient()
    _, code, pin, made = await patient.share(note="Let op: <b>twee</b> knieën")
    provider = doors.visitor()
    return provider, await provider.redeem(code, pin), made.marked("code")


async def report(doors: Doors, page: Page, outcome: str, size: int = 0) -> None:
    """Noord reports how the download that its form starts went."""
    town, grant = doors.town, page.form("/download").values["grant"]
    town.clock.pass_by(seconds=1)
    phase = "started" if outcome == "running" else "ended"
    facts = (str(uuid4()), grant, Use.DOWNLOAD, phase, (HEAD_CT,), size, outcome, town.clock.now)
    await record_use(town.house, town.house.directory.by_id("noord"), [UseReport(*facts)])


async def test_downloads_are_told_by_hospital_with_what_to_do_next_and_the_part_says_the_same_as_the_page(
    doors: Doors,
) -> None:
    provider, page, _ = await shared(doors)
    here = urlsplit(page.url).path
    assert "Uw downloads" not in page.text
    told = {
        "running": "Uw browser laat zien hoe ver het is.",
        "cut": "Kies Hervatten bij de downloads van uw browser.",
        "revoked": "Gebruik dit bestand niet.",
        "completed": "Alles is aangekomen op",
    }
    for outcome, words in told.items():
        await report(doors, page, outcome, 2_000_000)
        part = await provider.get(f"{here}/progress")
        assert words in part.text
        assert ("data-running" in part.html) == (outcome == "running")
        assert "<html" not in part.html
        assert words in (await provider.get(here)).text


async def test_looking_again_by_itself_keeps_no_visit_alive(doors: Doors) -> None:
    provider, page, _ = await shared(doors)
    here = urlsplit(page.url).path
    for _ in range(4):
        doors.town.clock.pass_by(minutes=5)
        part = await provider.get(f"{here}/progress")
    assert part.status in {401, 404}
    assert "Uw downloads" not in part.text


async def test_examinations_of_a_hospital_stand_newest_first_and_the_undated_last(doors: Doors) -> None:
    town = doors.town
    anna, dekker = await town.patient(), town.provider()
    older, undated = study(HEAD_CT, NOORD), study(CHEST_CR, NOORD, modality="CR")
    town.registry.studies[ANNA.bsn.reveal()] = (replace(undated, dates=()), older)
    made = await town.share(anna, Choice(CHEST_CR, "noord"), Choice(HEAD_CT, "noord"))
    (noord,) = (await town.redeem(dekker, made)).share.hospitals
    assert [item.study.uid for item in noord.studies] == [HEAD_CT, CHEST_CR]


async def test_the_patients_words_the_end_and_the_identity_stand_on_the_page_and_nothing_of_them_runs(
    doors: Doors,
) -> None:
    _, page, reference = await shared(doors)
    assert "Let op: &lt;b&gt;twee&lt;/b&gt; knieën" in page.html
    assert "Geldig tot en met 8 december 2026" in page.text
    assert reference in page.text
    assert "8 maart 1952" in page.text


@pytest.mark.parametrize(
    ("why", "said"),
    [
        ("asked", "De patiënt vroeg dit aan de helpdesk."),
        ("lost", "Iemand belde de helpdesk."),
        ("other_had_code", "Iemand belde de helpdesk."),
        ("hospital_asked", "Een ziekenhuis vroeg dit aan de helpdesk."),
        ("checking", "De helpdesk controleert iets."),
    ],
)
async def test_a_paused_share_says_who_wanted_it_and_not_what_the_caller_told(
    doors: Doors, why: str, said: str
) -> None:
    provider, page, reference = await shared(doors)
    form = page.form("/download")
    await suspend_share(doors.town.house, doors.town.agent(), reference, why=why)
    here = urlsplit(page.url).path
    for answer in (await provider.get(here), await provider.post(f"{here}/download", dict(form.values))):
        assert answer.status == 403
        assert "tijdelijk stopgezet" in answer.text
        assert said in answer.text
        assert "kwijt" not in answer.text


async def test_each_examination_can_be_looked_at_and_its_report_read_and_no_uid_stands_in_an_address(
    doors: Doors,
) -> None:
    _, page, _ = await shared(doors)
    ends = [urlsplit(form.action).path.rpartition("/")[2] for form in page.forms]
    assert ends.count("download") == 2, "one for each hospital"
    assert ends.count("view") == 3
    assert ends.count("reports") == 3
    assert all("1.2.840" not in form.action for form in page.forms)


async def test_a_hospital_that_is_silent_offers_nothing_that_it_could_not_give(doors: Doors) -> None:
    provider, page, _ = await shared(doors)
    doors.town.hospitals.silent.add("west")
    again = await provider.get(urlsplit(page.url).path)
    assert "Ziekenhuis West kan nu niet leveren" in again.text
    ends = [urlsplit(form.action).path.rpartition("/")[2] for form in again.forms]
    assert (ends.count("download"), ends.count("view"), ends.count("reports")) == (1, 2, 2)


async def test_to_look_comes_first_and_the_newest_says_that_it_is(doors: Doors) -> None:
    old, new = study(HEAD_CT, NOORD), study(CHEST_CR, NOORD, modality="CR")
    doors.town.registry.studies[ANNA.bsn.reveal()] = (
        replace(old, dates=(DateGiven(date(2024, 3, 1)),)),
        replace(new, dates=(DateGiven(date(2025, 9, 2)),)),
    )
    patient = await doors.patient()
    _, code, pin, _ = await patient.share()
    page = await doors.visitor().redeem(code, pin)
    assert page.text.count("nieuwste") == 1
    assert page.text.index("2 september 2025") < page.text.index("1 maart 2024")
    assert page.html.index(">Bekijken<") < page.html.index(">Alles downloaden (zip)<")
    assert 'class="button plain">Alles downloaden' in page.html and 'class="button small">Bekijken' in page.html
