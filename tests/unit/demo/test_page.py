"""The check's browser reads a page as it stands there."""

import pytest

from beeldpas.demo.check.page import Missing, Page

FORM = b"""<!doctype html><title>x</title><script>var no = 1</script>
<p class="secret">7KQ2 <br>M9XD</p><p class="secret pin">123 456</p><a href="../s?a=1">link</a>
<form method="post" action="/share/choose">
<input type="hidden" name="hospital.1.2" value="noord">
<input type="checkbox" name="study" value="1.2"><input type="checkbox" name="study" value="1.3" checked>
<input type="radio" name="days" value="7"><input type="radio" name="days" value="14" checked>
<textarea name="note"></textarea><button name="then" value="open">Open</button>
</form>"""


@pytest.fixture
def page() -> Page:
    return Page("https://portal.localhost:1/a/b", 200, {}, FORM)


def test_a_form_holds_what_a_browser_would_send(page: Page) -> None:
    form = page.form("/share/choose")
    assert form.values == {"hospital.1.2": "noord", "study": "1.3", "days": "14", "note": ""}


def test_a_form_knows_what_could_be_chosen(page: Page) -> None:
    form = page.form(having="study")
    assert form.options == {"study": ["1.2", "1.3"], "days": ["7", "14"]}
    assert form.buttons == [("then", "open")]


def test_links_are_absolute(page: Page) -> None:
    assert page.links == ["https://portal.localhost:1/s?a=1"]


def test_marked_words_belong_to_the_first_of_their_kind(page: Page) -> None:
    assert (page.marked("secret"), page.marked("pin")) == ("7KQ2 M9XD", "123 456")


def test_scripts_are_no_words(page: Page) -> None:
    assert "var no" not in page.text


def test_what_is_missing_is_said_without_a_query() -> None:
    page = Page("https://portal.localhost:1/callback?code=secret", 400, {}, b"")
    with pytest.raises(Missing) as caught:
        page.form("/share/choose")
    assert "secret" not in str(caught.value)
