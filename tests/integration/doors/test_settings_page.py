"""How somebody wants the pages: set on one page, at work at once, and there again at the next visit."""

from __future__ import annotations

from tests.cast import BRAM
from tests.portal_doors import Doors

WANTED = {"language": "nl", "text_size": "larger", "reports_on_request": "yes"}


async def test_what_is_set_works_at_once_and_at_the_next_visit(doors: Doors) -> None:
    anna = await doors.patient()
    assert 'class="for-patient text-normal"' in (await anna.get("/settings")).html
    page = await anna.post("/settings", WANTED)
    assert "Uw instellingen zijn bewaard" in page.text
    again = await doors.patient()
    for shown in (page, await again.get("/timeline"), await again.get("/settings"), await again.get("/shares/none")):
        assert "text-larger" in shown.html.partition(">")[2][:200]
    values = (await again.get("/settings")).form("/settings").values
    assert (values["text_size"], values["reports_on_request"], "thumbnails" in values) == ("larger", "yes", False)


async def test_another_language_is_spoken_from_then_on(doors: Doors) -> None:
    anna = await doors.patient()
    page = await anna.post("/settings", {**WANTED, "language": "en"})
    assert (page.url, "Your settings were kept" in page.text) == ("https://portal.example/en/settings?saved", True)
    visitor = await doors.patient()
    answer = await visitor.sign_in("/sign-in", "/callback/digid")
    assert answer.headers["location"] == "/en/timeline"


async def test_nobody_else_gets_these_letters(doors: Doors) -> None:
    await (await doors.patient()).post("/settings", WANTED)
    assert "text-normal" in (await (await doors.patient(BRAM)).get("/settings")).html


async def test_a_choice_that_is_not_on_the_page_changes_nothing(doors: Doors) -> None:
    anna = await doors.patient()
    page = await anna.post("/settings", {**WANTED, "text_size": "huge"})
    assert page.status == 400
    assert "text-larger" not in (await (await doors.patient()).get("/settings")).html


async def test_the_way_to_mail_is_on_the_same_page(doors: Doors) -> None:
    page = await (await doors.patient()).get("/settings")
    assert "https://portal.example/notices" in page.links
