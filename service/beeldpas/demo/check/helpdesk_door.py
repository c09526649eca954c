"""What the helpdesk does in the browser: find a share, pause it, take a call, stop a share for good."""

from beeldpas.demo.check.browser import Browser
from beeldpas.demo.check.page import Page


async def sign_in(browser: Browser, portal: str, person: str) -> Page:
    """Sign in as staff."""
    chooser = await browser.open(f"{portal}/helpdesk/sign-in")
    return await browser.submit(chooser, chooser.form(having="person"), person=person)


async def find(browser: Browser, portal: str, said: str) -> Page:
    """Find a share by its reference, or the caller's shares by a call code."""
    page = await browser.open(f"{portal}/helpdesk")
    return await browser.submit(page, page.form("/helpdesk/find"), reference=said)


async def ask_to_pause(browser: Browser, share: Page) -> Page:
    """Open the page on which a reason is given."""
    return await browser.click(share, share.link("/pause"))


async def pause(browser: Browser, page: Page) -> Page:
    """Give the first reason and pause the share."""
    form = page.form("/pause")
    return await browser.submit(page, form, why=form.options["why"][0])


async def ask_to_stop(browser: Browser, share: Page, person: str) -> Page:
    """Open the page on which reason and ground are given; sign in anew when it asks for that."""
    page = await browser.click(share, share.link("/stop"))
    if not page.links_with("/helpdesk/step-up"):
        return page
    chooser = await browser.click(page, page.link("/helpdesk/step-up"))
    return await browser.submit(chooser, chooser.form(having="person"), person=person)


async def stop(browser: Browser, page: Page, incident: str = "") -> Page:
    """Give the first reason, and as the ground an incident, or the code of the caller on the line."""
    form = page.form("/stop")
    ground = {"ground": "incident", "incident": incident} if incident else {"ground": "call_code"}
    return await browser.submit(page, form, why=form.options["why"][0], **ground)
