"""What mails lead to, and where visits and links end: pages for whoever comes too late, or with half an address."""

from __future__ import annotations

from tests.browser.steps import Fill, Look, Open, Press, Who
from tests.browser.walks import BRAM, Walk, shared, signed_in
from tests.browser.window_steps import NoteAddress, ReadMail

TOO_LATE = Walk(
    "too late, or half an address",
    (
        Who("nobody", "patient"),
        Open("/session/ended"),
        Look("visit over", "state.session_ended.title", "session_ended"),
        Open("/session/ended?max"),
        Look("visit over after two hours", "state.session_max.title", "session_max"),
        Open("/callback/digid?state=gone&code=gone"),
        Look("sign-in without cookies", "state.login_no_cookies.title", "login_no_cookies"),
        Press("way.sign_in_again"),
        Open("/callback/digid?state=gone&code=gone"),
        Look("sign-in used before", "state.login_replayed.title", "login_replayed"),
        Open("/mail/confirm?t=gone"),
        Look("link to confirm, over", "state.address_link_over.title", "address_link_over"),
        Open("/mail/stop?t=gone"),
        Look("link of a mail, over", "state.mail_link_over.title", "mail_link_over"),
        Who("nobody", "provider"),
        Open("/provider/session/ended"),
        Look("visit of a care provider over", "state.work_session_ended.title", "work_session_ended"),
        Open("/s"),
        Fill("link.code", "https://beeldpas.example/s"),
        Press("link.open", nth=-1),
        Look("link page, link not whole", "link.title", "link_stripped", errors=True),
        Who("nobody", "helpdesk"),
        Open("/helpdesk/session/ended"),
        Look("visit of an agent over", "state.work_session_ended.title", "work_session_ended"),
    ),
)
MAILS = Walk(
    "a patient is asked by mail",
    (
        BRAM,
        *signed_in("Bram Bakker"),
        *shared(),
        Press("code.to_share"),
        NoteAddress("share"),
        Open("{share}/longer"),
        Look("a week longer", "notices.longer_title"),
        Open("/notices"),
        Fill("notices.field", "bram@example.nl"),
        Press("notices.set"),
        Look("notices, not confirmed yet", "notices.title"),
        ReadMail("/mail/confirm", "confirm"),
        Open("{confirm}"),
        Look("confirm a mail address", "notices.confirm_title"),
        Press("notices.confirm"),
        Look("notices, confirmed", "notices.title"),
        Press("notices.remove"),
        Press("menu.shares"),
        Press("share.stop"),
        Press("stop.yes"),
        Press("page.sign_out"),
    ),
)
