"""What the helpdesk does in the browser: find a share by its reference and stop it with a reason."""

from beeldpas.demo.check.browser import Browser
from beeldpas.demo.check.page import Page


async def sign_in(browser: Browser, portal: str, person: str) -> Page:
    """Sign in as staff."""
    chooser = await browser.open(f"{portal}/helpdesk/sign-in")
    return await browser.submit(chooser, chooser.form(having="person"), person=person)


async def find(browser: Browser, portal: str, reference: str) -> Page:
    """Find a share."""
    page = await browser.open(f"{portal}/helpdesk")
    return await browser.submit(page, page.form("/helpdesk/find"), reference=reference)


async def ask_to_stop(browser: Browser, share: Page) -> Page:
    """Open the page on which a reason is given."""
    return await browser.click(share, share.link("/stop"))


async def stop(browser: Browser, page: Page) -> Page:
    """Give the first reason and stop the share."""
    form = page.form("/stop")
    return await browser.submit(page, form, why=form.options["why"][0])
