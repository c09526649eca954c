"""The imaging history: found by year, kind and hospital, also when it is long, and reports behind a choice."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, replace
from datetime import date, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from tests.cast import ANNA, BRAM, NOORD, WEST, ZUID
from tests.portal_doors import Doors, Page, Visitor
from tests.sharing_town import BRAMS_CT, CHEST_CR, HEAD_CT, KNEE_MR, MemoryRegistry, previewed, study

from beeldpas.domain.bsn import BSN
from beeldpas.domain.share import HERE
from beeldpas.domain.study import DateGiven, Report, Study
from beeldpas.portal.registries.port import RegistryAnswer
from beeldpas.portal.registries.question import Question

GATE = "Wilt u dit verslag nu lezen?"


def gives(doors: Doors, *studies: Study) -> None:
    """The registry has these of Anna, and their hospitals hold them."""
    doors.town.registry.studies[ANNA.bsn.reveal()] = studies
    for one in studies:
        for holding in one.holdings:
            doors.town.hospitals.holds[holding.gateway_id][one.uid] = previewed(one.uid)


def dated(number: int, year: int, **how: str) -> Study:
    at = (NOORD, WEST, ZUID)[number % 3]
    day = DateGiven(date(year, 1 + number % 12, 1 + number % 28), at.name, True)
    return replace(study(f"{HEAD_CT}.{number}", at, **how), dates=(day,))


async def first_study(visitor: Visitor) -> str:
    """The address of the first examination of the list."""
    page = await visitor.get("/timeline")
    return next(urlsplit(link).path for link in page.links if "/studies/" in link)


async def test_ten_thousand_examinations_come_a_page_at_a_time_and_every_page_is_small(doors: Doors) -> None:
    gives(doors, *(dated(number, 1950 + number % 70, description="CT schedel " * 4) for number in range(10_000)))
    anna = await doors.patient()
    page = await anna.get("/timeline")
    assert (page.status, page.html.count('<li class="card">')) == (200, 30)
    assert "U ziet 1 tot en met 30 van 10.000 onderzoeken." in page.text
    assert len(page.content) <= 100_000
    last = await anna.get("/timeline?page=334")
    assert "9.991 tot en met 10.000" in last.text
    assert len(last.content) <= 100_000
    year = await anna.get("/timeline?year=1987")
    assert "van 143 onderzoeken" in year.text


async def test_a_filter_says_how_many_and_its_address_keeps_its_state(doors: Doors) -> None:
    gives(doors, *(dated(number, 2019 + number % 2, modality="CT" if number % 2 else "CR") for number in range(12)))
    anna = await doors.patient()
    page = await anna.get("/timeline?year=2020&kind=CT")
    assert '<option value="2020" selected>2020 (6)</option>' in page.html
    assert '<option value="CT" selected>CT-scan (6)</option>' in page.html
    assert page.html.count('<li class="card">') == 6
    assert "Wis alle keuzes" in page.text


async def test_a_report_without_images_is_listed_with_its_hospital(doors: Doors) -> None:
    alone = Report("1.2.77", ("1.2.78",), "final", "MRI-verslag", date(2025, 6, 1), hospitals=(WEST.name,))
    doors.town.registry.alone = (alone,)
    page = await (await doors.patient()).get("/timeline")
    assert "Verslagen zonder beelden" in page.text
    assert f"MRI-verslag 1 juni 2025 · {WEST.name}" in page.text


async def test_a_date_that_another_hospital_contradicts_is_told_with_who_says_so(doors: Doors) -> None:
    made = study(HEAD_CT, NOORD, WEST)
    gives(doors, replace(made, dates=(*made.dates, DateGiven(date(2026, 5, 9), WEST.name, False))))
    anna = await doors.patient()
    page = await anna.get(await first_study(anna))
    assert f"{WEST.name} noemt een andere datum: 9 mei 2026." in page.text


async def test_the_older_version_of_a_report_stays_below_the_newer_and_says_what_it_is(doors: Doors) -> None:
    made = study(HEAD_CT, NOORD)
    (first,) = made.reports
    amended = replace(
        first, identifier="1.2.99", status="amended", issued=date(2026, 5, 8), replaces=(first.identifier,)
    )
    gives(doors, replace(made, reports=(first, amended)))
    anna = await doors.patient()
    page = await anna.get(await first_study(anna))
    assert page.text.index("Dit verslag is gewijzigd op 8 mei 2026") < page.text.index("Dit is een oude tekst")


async def test_a_registry_that_says_that_something_is_missing_is_named(doors: Doors) -> None:
    doors.town.registry.warnings = 1
    page = await (await doors.patient()).get("/timeline")
    assert "lokaal heeft niet alles laten zien" in page.text


async def test_who_sent_what_cannot_be_read_is_named_with_how_much_it_is(doors: Doors) -> None:
    doors.town.registry.unreadable = 2
    page = await (await doors.patient()).get("/timeline")
    assert "Wij konden onderzoeken niet lezen: 2" in page.text
    assert "lokaal stuurde gegevens met een fout erin" in page.text


async def test_a_choice_that_nothing_fits_says_what_was_chosen_and_how_to_go_on(doors: Doors) -> None:
    anna = await doors.patient()
    page = await anna.get("/timeline?year=1999&kind=MR")
    assert "Geen onderzoeken bij deze keuze" in page.text
    assert "U koos 1999, MRI-scan." in page.text
    assert "Wis alle keuzes" in page.text


@pytest.mark.parametrize(
    "query", ["page=0", "page=-1", "page=99999999", "year=<script>", "kind=%00", "hospital=x' OR 1"]
)
async def test_an_odd_address_is_a_page_all_the_same(doors: Doors, query: str) -> None:
    page = await (await doors.patient()).get(f"/timeline?{query}")
    assert page.status == 200
    assert "<script>" not in page.html


async def test_what_was_ticked_stays_ticked_on_another_page_of_the_list(doors: Doors) -> None:
    gives(doors, *(dated(number, 2019) for number in range(40)))
    anna = await doors.patient()
    choice = (await anna.get("/timeline")).form("/share/choose")
    uid = choice.options["study"][0]
    await anna.post("/share/choose", {"study": [uid], f"hospital.{uid}": choice.values[f"hospital.{uid}"]})
    other = await anna.get("/timeline?page=2")
    assert "Eén onderzoek dat u koos, staat niet in deze lijst." in other.text
    assert f'name="study" value="{uid}"' in other.html


async def test_what_is_ticked_and_not_sent_yet_stays_when_the_list_is_filtered_or_turned(doors: Doors) -> None:
    gives(doors, *(dated(number, 2019 + number % 2) for number in range(40)))
    anna = await doors.patient()
    choice = (await anna.get("/timeline")).form("/share/choose")
    uid = choice.options["study"][0]
    ticks = {**choice.values, "study": [uid]}
    page = await anna.post("/timeline", {**ticks, "show": "page=2"})
    assert page.url.endswith("/timeline?page=2")
    assert "Eén onderzoek dat u koos, staat niet in deze lijst." in page.text
    page = await anna.post("/timeline", {**ticks, "year": "1950"})
    assert page.url.endswith("/timeline?year=1950")
    assert "Geen onderzoeken bij deze keuze" in page.text and f'name="study" value="{uid}"' in page.html
    page = await anna.post("/timeline", {**page.form("/share/choose").values, "study": [uid], "show": ""})
    assert page.url.endswith("/timeline") and ticked_on(page) == [uid]
    page = await anna.post("/timeline", {**choice.values, "study": []})
    assert ticked_on(page) == []


def ticked_on(page: Page) -> list[str]:
    """What is ticked on a page of the list."""
    return re.findall(r'name="study" value="([^"]+)" id="[^"]+" checked', page.html)


async def test_a_list_left_alone_too_long_keeps_its_ticks(doors: Doors) -> None:
    gives(doors, study(HEAD_CT, NOORD), study(KNEE_MR, WEST))
    anna = await doors.patient()
    for path in ("/share/choose", "/timeline"):
        choice = (await anna.get("/timeline")).form("/share/choose")
        doors.town.clock.pass_by(minutes=16)
        assert (await anna.post(path, {**choice.values, "study": [KNEE_MR]})).status == 401
        await anna.sign_in("/sign-in", "/callback/digid")
        assert ticked_on(await anna.get("/timeline")) == [KNEE_MR]
        await anna.post("/share/anew")


@dataclass(slots=True)
class SlowRegistry(MemoryRegistry):
    """A registry that does not answer in time."""

    async def search(self, bsn: BSN, question: Question) -> RegistryAnswer:
        await asyncio.sleep(30)
        raise AssertionError("nobody waits that long")


async def test_who_is_slow_is_named_and_can_be_asked_again(doors: Doors) -> None:
    house = doors.town.house
    slow = SlowRegistry({}, name="Landelijk")
    settings = house.settings.model_copy(update={"timeline_deadline_seconds": 0.3})
    doors.starlette.state.house = replace(house, registries=(*house.registries, slow), settings=settings)
    anna = await doors.patient()
    page = await anna.get("/timeline")
    assert "Nog niet alle ziekenhuizen hebben geantwoord" in page.text
    assert "De landelijke lijst heeft nog niet geantwoord." in page.text
    of = page.html.partition("progress?of=")[2][:16]
    await anna.get(f"/timeline/progress?of={of}")
    page = await anna.get(f"/timeline?of={of}")
    assert "Nog niet alle ziekenhuizen hebben geantwoord" in page.text
    assert "De landelijke lijst geeft nu geen antwoord" in page.text
    assert "Opnieuw ophalen" in page.text


async def test_a_report_is_asked_about_once_and_then_opens_at_the_hospital(doors: Doors) -> None:
    gives(doors, study(HEAD_CT, NOORD))
    anna = await doors.patient()
    here = await first_study(anna)
    page = await anna.get(here)
    assert f"{here}/reports/1" in [urlsplit(link).path for link in page.links]
    gate = await anna.get(f"{here}/reports/1")
    assert GATE in gate.text and "Nu niet" in gate.text
    away = await anna.post(f"{here}/reports/1", follow=False)
    to = urlsplit(away.headers["location"])
    assert (away.status, to.netloc, to.path) == (303, "noord.example", "/download")
    assert parse_qs(to.query)["back"] == [here]
    assert HEAD_CT not in away.headers["location"]
    again = await anna.get(here)
    assert again.form(f"{here}/reports/1") and f"{here}/reports/1" not in [urlsplit(one).path for one in again.links]


async def test_a_report_that_is_not_there_is_no_page(doors: Doors) -> None:
    gives(doors, study(HEAD_CT, NOORD))
    anna = await doors.patient()
    here = await first_study(anna)
    for path in (
        f"{here}/reports/2",
        f"{here}/reports/0",
        "/studies/" + "0" * 20 + "/reports/1",
    ):
        assert (await anna.get(path)).status == 404
        assert (await anna.post(path)).status == 404


async def test_somebody_elses_name_of_a_study_is_no_name(doors: Doors) -> None:
    doors.town.registry.studies[BRAM.bsn.reveal()] = (study(BRAMS_CT, NOORD),)
    doors.town.hospitals.holds["noord"][BRAMS_CT] = previewed(BRAMS_CT)
    here = await first_study(await doors.patient(BRAM))
    anna = await doors.patient()
    answers = [await anna.get(f"{here}{rest}") for rest in ("", "/reports/1", "/seen")]
    unknown = await anna.get("/studies/" + "0" * 20)
    assert {one.status for one in answers} == {404} and {one.text for one in answers} == {unknown.text}


async def test_who_has_seen_an_examination_is_told_by_examination(doors: Doors) -> None:
    gives(doors, study(HEAD_CT, NOORD), study(CHEST_CR, NOORD, modality="CR"))
    anna = await doors.patient()
    here = await first_study(anna)
    assert "Nog niemand heeft dit onderzoek" in (await anna.get(f"{here}/seen")).text
    await anna.post(f"{here}/reports/1", follow=False)
    assert "een verslag" in (await anna.get(f"{here}/seen")).text
    links = (await anna.get("/timeline")).links
    other = next(path for link in links if "/studies/" in (path := urlsplit(link).path) and path != here)
    assert "Nog niemand heeft dit onderzoek" in (await anna.get(f"{other}/seen")).text


async def test_a_provider_reads_a_report_of_what_was_shared_and_of_nothing_else(doors: Doors) -> None:
    anna, dekker = await doors.patient(), doors.visitor()
    share_id, code, pin, _ = await anna.share()
    overview = await dekker.redeem(code, pin)
    grant = overview.form(f"/provider/shares/{share_id}/download").values["grant"]
    asked = {"grant": grant, "study": HEAD_CT, "report": f"{HEAD_CT}.7"}
    away = await dekker.post(f"/provider/shares/{share_id}/reports", asked, follow=False)
    to = urlsplit(away.headers["location"])
    assert (away.status, to.path, HEAD_CT in to.query) == (303, "/download", False)
    for wrong in ({"study": KNEE_MR}, {"study": BRAMS_CT}, {"grant": "made-up"}):
        assert (await dekker.post(f"/provider/shares/{share_id}/reports", asked | wrong)).status == 404
    stranger = await doors.visitor().post(f"/provider/shares/{share_id}/reports", asked)
    assert stranger.status == 404


@pytest.mark.parametrize(
    "name",
    [
        "<script>alert(1)</script>",
        "O'Neil",
        "\u0645\u0633\u062a\u0634\u0641\u0649 \u0627\u0644\u0634\u0645\u0627\u0644",
        "x" * 300,
    ],
)
async def test_hostile_names_are_words_on_every_page_of_a_study(doors: Doors, name: str) -> None:
    one = study(HEAD_CT, NOORD, description=name)
    holdings = tuple(replace(each, hospital=name) for each in one.holdings)
    many = [
        replace(one, uid=f"{HEAD_CT}.{number}", modalities=(name[:16],), holdings=holdings) for number in range(7)
    ]
    gives(doors, *many, replace(one, reports=(replace(one.reports[0], title=name),), holdings=holdings))
    anna = await doors.patient()
    here = await first_study(anna)
    for path in ("/timeline", "/timeline?hospital=noord", here, f"{here}/reports/1", f"{here}/seen"):
        page = await anna.get(path)
        assert (page.status, "<script>alert" in page.html) == (200, False), path


async def test_a_list_that_no_registry_answered_for_blames_no_hospital_and_does_not_say_that_there_is_nothing(
    doors: Doors,
) -> None:
    patient = await doors.patient()
    doors.town.registry.down = True
    for path in ("/timeline", "/share"):
        page = await patient.get(path)
        assert "De landelijke lijst geeft nu geen antwoord" in page.text
        assert "dit ziekenhuis kunnen ontbreken" not in page.text
        assert "Wij vonden geen beelden van u" not in page.text


async def test_a_report_that_its_hospital_announces_is_told_with_its_day_and_opens_on_it(doors: Doors) -> None:
    one, today = study(HEAD_CT, NOORD), doors.town.clock().astimezone(HERE).date()
    gives(doors, replace(one, reports=(replace(one.reports[0], readable_from=today + timedelta(days=1)),)))
    anna = await doors.patient()
    here = await first_study(anna)
    page = await anna.get(here)
    assert (
        "Het verslag is er nog niet voor u" in page.text
        and "Ziekenhuis Noord laat dit verslag later zien" in page.text
    )
    assert not [link for link in page.links if "/reports/" in link]
    wrong = await anna.get("/studies/" + "0" * 20 + "/reports/1")
    announced = await anna.get(f"{here}/reports/1")
    assert (announced.status, announced.text) == (wrong.status, wrong.text) == (404, wrong.text)
    gives(doors, replace(one, reports=(replace(one.reports[0], readable_from=today),)))
    assert "nog niet voor u" not in (await anna.get(here)).text
    assert GATE in (await anna.get(f"{here}/reports/1")).text
