"""The tasks D1, D2 and D4 of people.md §6: what care providers have to get done (D3 comes with importing)."""

from __future__ import annotations

import io
import sys
import time
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Route
from tests.browser.people import DESKTOP, Stage
from tests.browser.portal_alone import portal_alone
from tests.browser.raw_download import RawDownload
from tests.browser.steps import Fill, Look, Open, Press, Tick, Who
from tests.browser.task import task
from tests.browser.walks import ANNA, DOCTOR, HANDED_OVER, opened, shared, signed_in
from tests.cast import ANNA as ANNA_HERSELF
from tests.portal_doors import digid_says

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
SECRETARY = Who("secretary", "provider")
ELSEWHERE = Who("elsewhere", "provider")


def test_task_D1_the_newest_CT_in_ninety_seconds(drawing_stage: Stage) -> None:
    with task("D1", drawing_stage, DESKTOP) as doctor:
        doctor.do(ANNA, *signed_in(), Tick("=.*CT-scan van het hoofd, 2 maart 2026"))
        doctor.do(Tick("=.*MRI-scan van de buik"), Tick("=.*Röntgenfoto van de borstkas"), Press("timeline.share"))
        doctor.do(Fill("terms.for_whom", "Dr. D. Dekker"), Fill("terms.note", "Graag een tweede mening."))
        doctor.do(Press("terms.go_on"), Press("check.share"), *HANDED_OVER)
        doctor.do(DOCTOR, *opened(), Look("overview", "overview.title"))
        for part in ("Anna Jansen", "8 maart 1952", "Graag een tweede mening.", "Geldig tot en met"):
            assert part in doctor.reads()
        (newest,) = doctor.page.get_by_role("listitem").filter(has_text="nieuwste").all()
        assert "CT-scan van het hoofd" in newest.inner_text() and "2 maart 2026" in newest.inner_text()
        began = time.monotonic()
        doctor.follow(newest.get_by_role("button", name="Bekijken"))
        doctor.page.locator("canvas").first.wait_for(timeout=60_000)
        sys.stdout.write(f"task D1: a canvas {time.monotonic() - began:.1f} s after the click\n")
        doctor.sees_words("Niet geschikt")
        for part in ("CT-scan van het hoofd", "2 maart 2026", "Anna Jansen", "8 maart 1952"):
            assert part in doctor.reads(), "somebody else's, or an older one, without a word about it"
        doctor.page.screenshot(path=drawing_stage.pictures / "task-D1-viewer.png")
        doctor.do(Press("look.back_provider"))
        (with_report,) = doctor.page.get_by_role("listitem").filter(has_text="1 verslag").all()
        doctor.follow(with_report.get_by_role("button", name="Bekijken"))
        picture = doctor.page.locator("canvas").first
        picture.wait_for(timeout=60_000)
        doctor.do(Press("=Lees: ", stays=True))
        doctor.sees_words("Enter text")
        assert picture.is_visible(), "the report took the place of the picture"
        doctor.page.screenshot(path=drawing_stage.pictures / "task-D1-report.png")
        doctor.do(ANNA, Press("code.to_share"), Press("share.stop"), Press("stop.yes"))


def test_task_D2_all_images_with_paper_only_and_a_broken_connection(stage: Stage) -> None:
    with task("D2", stage, java_script_enabled=False) as secretary:
        secretary.do(ANNA, *signed_in(), Tick("=.*Röntgenfoto van de borstkas"), Tick("=.*MRI-scan van de buik"))
        secretary.do(Press("timeline.share"), Fill("terms.for_whom", "Kliniek De Linde"), Press("terms.go_on"))
        secretary.do(Press("check.share"), *HANDED_OVER)
        typed = secretary.noted["code"].lower().replace("0", "o").replace(" ", "-")
        mistyped = typed[:-1] + ("2" if typed[-1] != "2" else "3")
        secretary.do(SECRETARY, Open("/s"), Fill("link.code", mistyped), Fill("link.pin", "000000"))
        secretary.do(Fill("link.name", "J. de Boer"), Fill("link.organisation", "Kliniek De Linde"))
        secretary.do(Press("link.open", nth=-1), Look("mistyped", "link.title", "code_mistyped"))
        secretary.do(Fill("link.code", typed), Fill("link.pin", "12345"))
        secretary.do(Press("link.open", nth=-1), Look("PIN too short", "link.title", "pin_format"))
        secretary.do(Fill("link.pin", "000000"))
        secretary.do(Press("link.open", nth=-1), Look("wrong PIN", "link.title", "pin_wrong"))
        secretary.sees_words("nog 9 keer")
        secretary.do(Fill("link.pin", "{pin}"), Press("link.open", nth=-1), Look("overview", "overview.title"))
        buttons = secretary.page.get_by_role("button", name="Alles downloaden")
        assert buttons.count() == 2
        with secretary.page.expect_download(timeout=60_000) as arriving:
            buttons.first.click()
        whole = [zipfile.ZipFile(Path(arriving.value.path()))]
        whole.append(zipfile.ZipFile(io.BytesIO(_resumed(secretary.page))))
        assert [archive.testzip() for archive in whole] == [None, None]
        names = [name for archive in whole for name in archive.namelist()]
        secretary.page.reload()
        secretary.sees("progress.title")
        assert any("REPORTS" in name or "VERSLAG" in name.upper() for name in names), "no report came"


def _resumed(page: object) -> bytes:
    """Download from the last hospital, lose the connection at 40 %, and go on."""
    broken = RawDownload(page, "form.download >> nth=-1")  # type: ignore[arg-type]
    begun = broken.read(broken.length * 2 // 5)
    broken.cut()
    with pytest.raises(zipfile.BadZipFile):
        zipfile.ZipFile(io.BytesIO(begun))  # nobody can take it for a whole one
    return begun + broken.go_on(len(begun))


def test_task_D4_another_organisation_then_ended_then_stopped(tmp_path, chromium: Browser, pictures) -> None:
    with portal_alone(tmp_path) as portal:
        stage = Stage(portal.address, chromium, pictures)
        portal.next_is(digid_says(ANNA_HERSELF.bsn.reveal()))
        with task("D4", stage) as people:
            people.do(ANNA, Open("/"), Press("start.sign_in"), *shared(), DOCTOR, *opened())
            people.do(ELSEWHERE, *opened(organisation="Praktijk Oosterpark"))
            people.do(Look("other organisation", "state.share_other_org.title"))
            assert "Kliniek De Linde" not in people.page.content(), "it names the other organisation"
            people.sees("state.share_other_org.why")
            people.sees("state.share_other_org.next")
            people.do(ANNA, Press("menu.shares"), Press("=Dr. D. Dekker"), Press("share.allow"))
            people.sees("share.allowed")
            people.do(ELSEWHERE, *opened(organisation="Praktijk Oosterpark"), Look("let in", "overview.title"))
            people.do(ANNA, Press("menu.shares"), Press("share.stop"), Press("stop.yes"))
            people.do(ELSEWHERE, *opened(organisation="Praktijk Oosterpark"))
            people.do(Look("stopped", "state.share_revoked.title"))
            people.sees("state.share_revoked.why")
            people.sees("state.share_revoked.next")
            people.sees("help.line")
            people.do(ANNA, Press("menu.timeline"), *shared())
            portal.clock.pass_by(days=16)
            people.do(ELSEWHERE, *opened(organisation="Praktijk Oosterpark"))
            people.do(Look("ended", "state.share_expired.title"))
            people.sees_words("De patiënt gaf toegang tot en met 8 december 2026")
            people.sees("state.share_expired.next")
            people.sees("help.line")
        stage.close()


def test_task_D4_an_image_that_cannot_be_shown_is_downloaded(drawing_stage: Stage) -> None:
    with task("D4b", drawing_stage) as doctor:
        doctor.do(ANNA, *signed_in(), *shared(), DOCTOR, *opened())
        doctor.page.route("**/dicom-web/**/frames/**", not_in_a_form_that_the_viewer_knows)
        doctor.do(Press("overview.view"))
        doctor.sees("state.viewer_unsupported.title")
        doctor.sees("state.viewer_unsupported.next")
        with doctor.page.expect_download(timeout=60_000) as arriving:
            doctor.page.get_by_role("button", name=doctor.pattern("look.download_provider")).click()
        assert zipfile.ZipFile(Path(arriving.value.path())).testzip() is None
        doctor.do(ANNA, Press("code.to_share"), Press("share.stop"), Press("stop.yes"))
    drawing_stage.complaints.clear()  # the browser tells of each picture that did not come


def not_in_a_form_that_the_viewer_knows(route: Route) -> None:
    """Answer as a hospital does that keeps an image in a form that the viewer cannot read."""
    route.fulfill(status=406, headers={"Access-Control-Allow-Origin": "*"}, body="")
