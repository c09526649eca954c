"""What the links of mails lead to: a page with one button each. Opening a link changes nothing.

Confirming an address and letting a share last longer need DigiD; stopping the mails does not, since a mailbox may
belong to somebody who has nothing to do with us.
"""

from contextlib import suppress
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response

from beeldpas.domain.errors import NotFound
from beeldpas.domain.share import LONGEST_DAYS, days_lasting, end_after
from beeldpas.portal.actions.remove_address import remove_address
from beeldpas.portal.actions.sign_in import STRANGER
from beeldpas.portal.actions.verify_address import verify_address
from beeldpas.portal.notify.links import MailLinks, Purpose
from beeldpas.portal.pages.states import state_page
from beeldpas.portal.pages.visit import Visit, text
from beeldpas.portal.patient import onward
from beeldpas.portal.patient.door import PatientVisit, for_patients, is_signed_in
from beeldpas.portal.patient.shares import the_share, words_of

_LONGER_BY = 7


async def confirm_page(request: Request) -> Response:
    """Ask whether messages shall go to this address."""
    visit, token = await Visit.of(request, "patient"), request.query_params.get("t", "")
    if _read(visit, Purpose.CONFIRM, token) is None:
        return state_page(request, "address_link_over", {}, 404)
    if not is_signed_in(visit):
        return _sign_in_first(visit, Purpose.CONFIRM, token)
    t = visit.say.t
    return visit.page(
        "patient/ask.html",
        t("notices.confirm_title"),
        who="",
        here="settings",
        paragraphs=[t("notices.confirm_text")],
        action="/mail/confirm",
        fields={"t": token},
        button=t("notices.confirm"),
        way_out=("/notices", t("notices.not_now")),
    )


@for_patients
async def confirm(visit: PatientVisit) -> Response:
    """Put the address into use."""
    await verify_address(visit.house, visit.asker, text(await visit.form(), "t"))
    return visit.go("/notices?confirmed")


async def extend_page(request: Request) -> Response:
    """Lead to the one button that lets the share last longer."""
    visit, token = await Visit.of(request, "patient"), request.query_params.get("t", "")
    share_id = _read(visit, Purpose.EXTEND, token)
    if share_id is None:
        return state_page(request, "mail_link_over", {}, 404)
    if not is_signed_in(visit):
        return _sign_in_first(visit, Purpose.EXTEND, token)
    return visit.go(f"/shares/{share_id}/longer")


@for_patients
async def longer(visit: PatientVisit) -> Response:
    """Ask whether the share shall last a week longer, or as long as it still can."""
    share = await the_share(visit)
    left = LONGEST_DAYS - days_lasting(share.made_at, share.expires_at)
    days = min(_LONGER_BY, left) if words_of(visit, share).can_stop else 0
    say, t = visit.say, visit.say.t
    now = t("notices.longer_text", ref=share.reference, whom=share.for_whom, date=say.last_day(share.expires_at))
    until = t("notices.longer_question", date=say.last_day(end_after(share.made_at, LONGEST_DAYS - left + days)))
    return visit.page(
        "patient/ask.html",
        t("notices.longer_title"),
        who="",
        here="shares",
        paragraphs=[now, until if days > 0 else t("notices.longer_never")],
        action=f"/shares/{share.share_id}/extend",
        fields={"days": str(days)},
        button=t("notices.longer") if days > 0 else "",
        way_out=(f"/shares/{share.share_id}", t("notices.not_now") if days > 0 else t("share.back")),
    )


async def stop_page(request: Request) -> Response:
    """Ask whether the mails shall stop; nobody needs to sign in for that."""
    visit, token = await Visit.of(request, "patient"), request.query_params.get("t", "")
    if _read(visit, Purpose.STOP, token) is None:
        return state_page(request, "mail_link_over", {}, 404)
    t = visit.say.t
    return visit.page(
        "patient/ask.html",
        t("notices.stop_title"),
        paragraphs=[t("notices.stop_text")],
        action="/mail/stop",
        fields={"t": token},
        button=t("notices.stop"),
        way_out=(),
    )


async def stop(request: Request) -> Response:
    """Stop the mails; whoever does it twice reads the same."""
    visit = await Visit.of(request, "patient")
    token = text(await visit.form(), "t")
    if _read(visit, Purpose.STOP, token) is None:
        return state_page(request, "mail_link_over", {}, 404)
    asker = replace(STRANGER, language=visit.say.language, address=visit.address)
    with suppress(NotFound):  # gone already, which is what was wanted
        await remove_address(visit.house, asker, token)
    t = visit.say.t
    return visit.page(
        "patient/ask.html",
        t("notices.stop_title"),
        paragraphs=[t("notices.stopped"), t("notices.stopped_next")],
        button="",
        way_out=(),
    )


def _read(visit: Visit, purpose: Purpose, token: str) -> str | None:
    house = visit.house
    return MailLinks(house.secrets, house.settings.base_url, house.clock).read(purpose, token)


def _sign_in_first(visit: Visit, purpose: Purpose, token: str) -> Response:
    t = visit.say.t
    page = visit.page(
        "patient/ask.html",
        t("notices.sign_in_title"),
        paragraphs=[t("notices.sign_in_text")],
        button="",
        way_out=("/sign-in", t("start.sign_in")),
    )
    onward.remember(page, purpose, token)
    return page
