"""The tasks P1 to P6 of people.md §6: what patients have to get done, and what must not happen to them."""

from __future__ import annotations

import io
import re
import sys
import time

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser
from tests.browser.people import DESKTOP, PHONE, Stage
from tests.browser.portal_alone import portal_alone
from tests.browser.raw_download import RawDownload
from tests.browser.steps import Fill, Look, Open, Press, Tick, Who
from tests.browser.task import task
from tests.browser.walks import ANNA, DOCTOR, opened, shared, signed_in
from tests.cast import BRAM
from tests.portal_doors import digid_says

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
SECOND_PHONE = Who("second phone", "provider")


def test_task_P1_the_newest_scan_of_the_belly_while_a_hospital_is_late(late_stage: Stage) -> None:
    with task("P1", late_stage, PHONE) as anna:
        anna.do(ANNA, *signed_in(), Press("menu.settings"), Tick("settings.text_larger"), Press("settings.save"))
        anna.do(Press("menu.timeline"), Look("timeline", "timeline.title"))
        anna.sees("state.source_slow.title")
        read = anna.reads()
        assert read.index("Ziekenhuis West") < read.index("2026"), "who is late stands below the list"
        anna.fits()
        if anna.page.locator(".coming").count():  # West still has some time
            assert "Ziekenhuis West heeft nog niet geantwoord" in read
            anna.sees_words("Ziekenhuis West geeft nu geen antwoord. Kies Opnieuw ophalen.")
            anna.do(Press("timeline.again"), Look("late", "timeline.title"))
        anna.sees("state.source_no_answer.title", hospital="Ziekenhuis West")
        anna.sees_no("Alle ziekenhuizen die meedoen hebben geantwoord")
        anna.sees("timeline.unconfirmed_why")
        anna.fits()
        anna.do(Press("=MRI-scan van de buik"), Look("study", "=MRI-scan van de buik"))
        assert "30 november 2005" in anna.reads()
        anna.fits()
        anna.do(Press("study.back"), Press("timeline.again"), Look("again", "timeline.title"))


def test_task_P1_four_registries_of_which_one_is_slow_the_first_time(kinds_stage: Stage) -> None:
    with task("P1 of four kinds", kinds_stage, PHONE) as anna:
        anna.do(ANNA, *signed_in(), Look("timeline", "timeline.title"))
        anna.sees("state.source_no_answer.title", hospital="Ziekenhuis Oost")
        anna.sees("state.source_no_answer.why", hospital="Ziekenhuis Oost")
        anna.sees_no("19 oktober 2019")
        anna.do(Press("timeline.again"), Look("again", "timeline.title"))
        anna.sees_no("Ziekenhuis Oost geeft nu geen antwoord")
        for hospital in ("Noord", "West", "Zuid", "Oost"):
            anna.sees_words(f"Ziekenhuis {hospital}")
        anna.fits()


def test_task_P2_a_report_that_the_hospital_shows_on_a_later_day(kinds_stage: Stage) -> None:
    with task("P2 under embargo", kinds_stage, PHONE) as anna:
        anna.do(ANNA, *signed_in(), Look("timeline", "timeline.title"), Press("timeline.again"))
        card = anna.page.locator("li.card").filter(has_text="19 oktober 2019")
        anna.follow(card.get_by_role("link"))
        anna.sees("state.report_embargo_announced.title")
        anna.sees("state.report_embargo_announced.why", hospital="Ziekenhuis Oost")
        assert not anna.page.locator("a[href*='/reports/'], form[action*='/reports/']").count(), "it can be read"
        anna.fits()


def test_a_scan_under_the_wrong_number_is_not_shown_and_is_counted(stage: Stage) -> None:
    with task("P1 misfiled", stage, PHONE) as bram:
        bram.do(Who("bram", "patient"), *signed_in("Bram Bakker"), Look("timeline", "timeline.title"))
        bram.sees_words("Wij konden onderzoeken niet lezen: 1")
        bram.fits()


def test_task_P2_a_report_that_is_to_be_read_with_the_doctor_only(drawing_stage: Stage) -> None:
    with task("P2", drawing_stage) as anna:
        asked: list[str] = []
        anna.do(ANNA)
        anna.page.on("request", lambda request: asked.append(f"{request.method} {request.url}"))
        anna.do(*signed_in(), Press("=Röntgenfoto van de borstkas"), Look("study", "=Röntgenfoto van de borstkas"))
        anna.sees("study.report")
        anna.do(Press("report.read"), Look("choice", "report.title"))
        anna.sees("report.may_surprise")
        anna.sees("report.for_doctor")
        anna.sees("report.can_wait")
        anna.do(Press("report.not_now"), Look("not now", "=Röntgenfoto van de borstkas"))
        anna.do(Press("look.open"))
        anna.page.locator("canvas").first.wait_for(timeout=60_000)
        anna.sees_no("Lees: ")
        anna.sees_no("Enter text")
        anna.do(Press("menu.settings"), Tick("settings.reports_on_request"), Press("settings.save"))
        anna.sees("settings.saved")
        assert anna.page.get_by_label("Nieuwe verslagen").is_checked()
        assert "Enter text" not in anna.page.content(), "what the report says is to be read"
        assert not [one for one in asked if one.startswith("POST") and "/reports/" in one], "the report was opened"
        assert not [one for one in asked if "/rendered" in one or "/report/" in one], "the hospital gave the report"
        anna.page.get_by_label("Nieuwe verslagen").uncheck()
        anna.do(Press("settings.save"))


def test_task_P3_two_examinations_for_two_weeks(stage: Stage) -> None:
    with task("P3", stage, DESKTOP) as anna:
        anna.do(ANNA, *signed_in())
        anna.do(
            Tick("=.*CT-scan van het hoofd, 2 maart 2026"), Tick("=.*Röntgenfoto van de borstkas, 26 augustus 2004")
        )
        anna.do(Press("timeline.share"))
        anna.sees_words("U koos 2 onderzoeken")
        anna.do(Fill("terms.for_whom", "Dr. D. Dekker"), Tick("=14 dagen"), Press("terms.go_on"))
        anna.do(Look("check", "check.title"))
        read_aloud = anna.reads()
        for part in (
            "Ziekenhuis Noord",
            "Ziekenhuis Zuid",
            "400 beelden",
            "1 verslag",
            "Anna Jansen",
            "8 maart 1952",
        ):
            assert part in read_aloud
        assert "14 dagen" in read_aloud and "Dr. D. Dekker" in read_aloud
        assert "MRI" not in read_aloud, "more leaves than was asked for"
        anna.do(Press("check.share"), Look("result", "code.title"))
        for key in ("code.give", "code.give_text", "code.pin", "code.pin_text", "code.tell"):
            anna.sees(key)
        anna.do(Press("code.pin_show", stays=True))
        anna.sees("code.pin_not_digid")
        anna.do(Press("code.to_share"))
        shared_now = anna.reads()
        assert "CT-scan van het hoofd" in shared_now and "Röntgenfoto van de borstkas" in shared_now
        assert "MRI" not in shared_now and "Echo" not in shared_now
        anna.do(Press("share.stop"), Press("stop.yes"))


def test_task_P4_at_the_desk_with_a_phone_only(stage: Stage) -> None:
    with task("P4", stage, PHONE) as anna:
        anna.do(ANNA, *signed_in(), *shared())
        pin = anna.noted["pin"]
        anna.do(Press("code.qr", stays=True), Look("QR", "code.title"))
        picture = Image.open(io.BytesIO(anna.page.screenshot(full_page=True)))
        (seen,) = zxingcpp.read_barcodes(picture)
        anna.sees_no(pin)
        anna.page.emulate_media(media="print")
        anna.sees_no(pin)
        anna.page.emulate_media(media="screen")
        anna.do(Press("code.pin_show", stays=True), Look("PIN", "code.title"))
        anna.sees_words(pin)
        assert not anna.page.get_by_role("img", name="QR-code").is_visible(), "QR and PIN stand together"
        anna.page.emulate_media(media="print")
        anna.sees_no(pin)
        anna.page.emulate_media(media="screen")
        anna.noted["scanned"] = seen.text
        anna.do(SECOND_PHONE, Open("{scanned}"), Look("scanned", "link.title"))
        anna.sees_words("Beeldpas")
        for personal in ("Anna", "Jansen", "1952", "Ziekenhuis Noord", "Ziekenhuis West", "Ziekenhuis Zuid"):
            assert personal not in anna.page.content()
        anna.do(ANNA, Press("code.to_share"), Press("share.stop"), Press("stop.yes"))


def test_task_P5_nobody_may_look_any_more_and_who_did(stage: Stage) -> None:
    with task("P5", stage) as anna:
        anna.do(ANNA, *signed_in(), *shared(), DOCTOR, *opened())
        running = RawDownload(anna.page, "form.download")
        assert running.read(1_000_000)
        anna.do(ANNA, Press("menu.shares"), Press("share.stop"))
        anna.sees("stop.downloaded")
        anna.do(Press("stop.yes"))
        stopped = time.monotonic()
        anna.do(Look("stopped", "state.share_stopped_ok.title"))
        anna.sees("state.share_stopped_ok.next")
        rest = 1_000_000
        while part := running.read(1_000_000):
            rest += len(part)
        running.cut()
        sys.stdout.write(f"task P5: the download broke {time.monotonic() - stopped:.1f} s after the page said so\n")
        assert rest < running.length, "a running download went on"
        anna.do(Press("menu.log"), Look("who looked", "log.title"))
        anna.sees_words("Kliniek De Linde")
        anna.sees_words("niet gecontroleerd")


def test_task_P6_for_a_child_of_10_and_of_13_while_the_session_ends(tmp_path, chromium: Browser, pictures) -> None:
    noor = {"sub": "n", "iss": "https://bvd.example", "bsn": "999990019", "relation": "parent", "given_name": "Noor"}
    with portal_alone(tmp_path) as portal:
        stage = Stage(portal.address, chromium, pictures)
        with task("P6", stage, PHONE) as mother:
            portal.next_is(digid_says(BRAM.bsn.reveal(), represents={**noor, "birthdate": "2016-05-03"}))
            mother.do(
                Who("mother", "patient"), Open("/"), Press("start.sign_in"), Look("timeline", "timeline.title_other")
            )
            mother.sees_words("U kijkt voor uw kind: Noor")
            mother.do(Tick("timeline.choose"), Press("timeline.share"))
            mother.sees_words("U kijkt voor uw kind: Noor")
            mother.do(Fill("terms.for_whom", "Dr. D. Dekker"), Tick("=7 dagen"))
            portal.clock.pass_by(minutes=13, seconds=1)
            mother.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")  # she looks at it again
            mother.sees("state.session_ending.title")
            mother.do(Look("warned", "terms.title"), Press("session.stay", stays=True))
            mother.page.get_by_role("dialog").wait_for(state="hidden")
            portal.clock.pass_by(minutes=16)
            mother.do(Press("terms.go_on"), Look("ended", "state.session_ended.title"))
            mother.sees("state.session_ended.next")
            mother.do(Press("way.sign_in_again"), Look("kept", "terms.title"))
            mother.sees_words("U koos 1 onderzoek")
            assert mother.page.get_by_label("Voor wie is het?").input_value() == "Dr. D. Dekker"
            assert mother.page.get_by_label(re.compile(r"^\s*7 dagen")).is_checked()
            mother.do(Press("terms.go_on"), Look("check", "check.title"))
            mother.sees_words("U kijkt voor uw kind: Noor")
            mother.sees("consent.lead_parent")
            mother.do(Press("check.share"), Look("result", "code.title"))
            mother.sees_words("U kijkt voor uw kind: Noor")
            for menu in ("menu.shares_other", "menu.log_other", "menu.settings_other"):
                mother.do(Press(menu))
                mother.sees_words("U kijkt voor uw kind: Noor")
            mother.do(Press("standing_in.stop"))
            portal.next_is(digid_says(BRAM.bsn.reveal(), represents={**noor, "birthdate": "2013-05-03"}))
            mother.do(Open("/"), Press("start.sign_in"), Look("13", "state.rep_child_12_15.title"))
            mother.sees("state.rep_child_12_15.why")
            mother.sees("state.rep_child_12_15.next")
        stage.close()
