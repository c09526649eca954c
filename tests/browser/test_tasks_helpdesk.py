"""The tasks H1 and H2 of people.md §6: what an agent has to get done while somebody is on the line."""

from __future__ import annotations

import re

import pytest
from tests.browser.people import Person, Stage
from tests.browser.steps import Fill, Look, Open, Press, Tick
from tests.browser.task import Task, task
from tests.browser.walks import AGENT, ANNA, BRAM, DOCTOR, opened, shared, signed_in

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def test_task_H1_the_letter_is_lost_and_one_character_is_wrong(stage: Stage) -> None:
    with task("H1", stage) as people:
        people.do(BRAM, *signed_in("Bram Bakker"), *shared(), DOCTOR, *opened())
        reference = people.noted["reference"]
        wrong = reference[:-1] + ("2" if reference[-1] != "2" else "3")
        fatima = stage.person("fatima")
        _find(fatima, wrong)
        assert "Vraag de beller het per drie tekens voor te lezen" in fatima.text
        fatima.fill("^Kenmerk", reference)
        fatima.strike()
        assert fatima.title == f"Toegang {reference}"
        for secret in ("Bakker", "MRI", "Ziekenhuis Noord"):
            assert secret not in fatima.page.locator("main").inner_text()
        assert not fatima.page.get_by_label(re.compile("pincode|burgerservicenummer|naam", re.IGNORECASE)).count()
        fatima.press("^Tijdelijk stopzetten")
        fatima.press("De patiënt vroeg het zelf", "Space", stays=True)
        fatima.page.keyboard.press("ArrowDown")
        assert fatima.page.get_by_label("De brief of link is kwijt").is_checked()
        fatima.press("Ja, tijdelijk stopzetten")
        for words in ("Zeg tegen de beller", "Het is gedaan om", "Niemand kan nu iets openen", "weer aanzetten"):
            assert words in fatima.text
        people.do(DOCTOR, Press("overview.download"), Look("doctor", "state.share_suspended.title"))
        people.do(BRAM, Press("menu.shares"), Press("=Dr. D. Dekker"), Look("patient", "=Dr. D. Dekker"))
        people.sees("paused.title")
        people.sees("paused.what")
        people.sees_no("Gestopt op")
        people.do(Press("share.stop"), Press("stop.yes"))


def test_task_H2_everything_is_lost_and_the_agent_cannot_tell_whether_there_was_something(stage: Stage) -> None:
    with task("H2", stage) as people:
        people.do(ANNA, *signed_in(), *shared(), AGENT, Open("/helpdesk"), Press("desk.sign_in"), Press("=Fatima"))
        with_shares = _stop_everything(people, "999990019", "8-3-1952")
        without = _stop_everything(people, "950000012", "21-6-1970")
        assert with_shares == without, "what the agent reads tells whether there was something"
        people.do(ANNA, Press("page.sign_out"), *signed_in(), Look("patient", "shares.title"))
        people.sees("paused.all_title")
        people.do(Press("share.stop"), Press("stop.yes"), Press("menu.log"), Look("log", "log.title"))
        people.sees_words("helpdesk")


def _find(agent: Person, reference: str) -> None:
    """Sign in and look for a reference, with the keyboard only."""
    agent.go("/helpdesk")
    agent.press("Inloggen als medewerker")
    agent.press("Fatima")
    agent.page.keyboard.type(reference)
    agent.strike()


def _stop_everything(people: Task, number: str, born: str) -> str:
    """Pause all of one person's shares; returns what the agent reads, without the time."""
    people.do(Open("/helpdesk"), Press("desk.to_everything"))
    people.do(Fill("everything.bsn", number), Fill("everything.birth_date", born))
    people.do(Tick("number_from.hospital"), Press("everything.yes"), Look("not called back", "everything.title"))
    assert number not in people.page.content(), "the number is repeated"
    people.do(Fill("everything.bsn", number), Fill("everything.birth_date", born))
    people.do(Tick("desk.called_back"), Press("everything.yes"))
    people.do(Look("everything", "state.suspend_all_done.title"))
    people.sees("state.suspend_all_done.why")
    assert number not in people.page.content(), "the number is repeated"
    return re.sub(r"\d\d[.:]\d\d", "", people.reads())
