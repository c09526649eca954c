"""What a care provider does in the browser: fill in code and PIN, say who they are, see what there is."""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from beeldpas.demo.check.browser import Browser
from beeldpas.demo.check.page import Form, Page

_WRONG: Final = "000000"


@dataclass(frozen=True, slots=True)
class Declared:
    """Who somebody says to be."""

    name: str
    organisation: str
    function: str = ""


async def redeem(browser: Browser, portal: str, code: str, pin: str, who: Declared) -> Page:
    """Type code and PIN from the letter and say who one is, not signed in."""
    page = await browser.open(f"{portal}/s")
    fields = {"name": who.name, "organisation": who.organisation, "function": who.function}
    return await browser.submit(page, page.form("/s", having="pin"), code=code, pin=pin, then="open", **fields)


async def redeem_signed_in(browser: Browser, portal: str, link: str, pin: str, person: str) -> Page:
    """Come by the link, sign in as a care provider, and open the share."""
    page = await browser.open(f"{portal}/s")
    form = page.form("/s", having="pin")
    chooser = await browser.submit(page, form, link=link, pin=pin, then="sign_in")
    page = await browser.submit(chooser, chooser.form(having="person"), person=person)
    if urlsplit(page.url).path.endswith("/workplace"):
        page = await browser.submit(page, page.form("/workplace"))
    if is_open(page):
        return page
    return await browser.submit(page, page.form("/s", having="pin"), link=link, pin=pin, then="open")


def is_open(page: Page) -> bool:
    """Say whether the share's overview is shown."""
    return page.status == 200 and bool(re.fullmatch(r"(/en)?/provider/shares/[^/]+", urlsplit(page.url).path))


def downloads(overview: Page) -> list[Form]:
    """The download buttons, one for each hospital."""
    return [form for form in overview.forms if urlsplit(form.action).path.endswith("/download")]


def another_pin(pin: str) -> str:
    """A PIN that is well formed and wrong."""
    digits = re.sub(r"\D", "", pin)
    return f"{(int(digits) + 1) % 1_000_000:06}" if digits else _WRONG
