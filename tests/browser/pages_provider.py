"""What a care provider sees: the link page with its mistakes, the overview, and what keeps somebody out."""

from __future__ import annotations

from tests.browser.steps import Fill, Look, Note, Open, Press, Step, Who
from tests.browser.walks import ANNA, COLLEAGUE, DOCTOR, HANDED_OVER, Walk, opened, shared, signed_in

_OTHER = Who("balie", "provider")


def _tried(times: int) -> tuple[Step, ...]:
    """Fill in a wrong PIN several times, on the page that came back."""
    return (Fill("link.pin", "000000"), Press("link.open", nth=-1)) * times


MISTAKES = Walk(
    "a doctor makes mistakes",
    (
        ANNA,
        *signed_in(),
        *shared(),
        Note("old_link", "#share-link"),
        Press("code.to_share"),
        Press("share.new_code"),
        Press("new_code.yes"),
        *HANDED_OVER,
        DOCTOR,
        *opened(link="{old_link}"),
        Look("link page, code unknown", "link.title", "code_unknown", errors=True),
        Fill("link.code", "AAAA"),
        Press("link.open", nth=-1),
        Look("link page, code mistyped", "link.title", "code_mistyped", errors=True),
        Open("{link}"),
        Look("link page, code read from the link", "link.title"),
        Fill("link.pin", "12"),
        Press("link.open", nth=-1),
        Look("link page, PIN too short", "link.title", "pin_format", errors=True),
        Fill("link.name", "Dr. D. Dekker"),
        Fill("link.organisation", "Kliniek De Linde"),
        *_tried(1),
        Look("link page, PIN wrong", "link.title", "pin_wrong", errors=True),
        *_tried(6),
        Look("link page, PIN wrong and few attempts left", "link.title", "pin_wrong_few", errors=True),
        *_tried(3),
        Look("share locked", "state.share_locked.title", "share_locked"),
        ANNA,
        Press("menu.shares"),
        Press("=Dr. D. Dekker"),
        Look("a share, locked", "=Dr. D. Dekker"),
        Press("share.stop"),
        Press("stop.yes"),
    ),
)
TWO_ORGANISATIONS = Walk(
    "two organisations want the same share",
    (
        ANNA,
        *signed_in(),
        *shared(),
        DOCTOR,
        *opened(),
        Look("overview", "overview.title"),
        _OTHER,
        *opened(organisation="Praktijk Oosterpark"),
        Look("share of another organisation", "state.share_other_org.title", "share_other_org"),
        ANNA,
        Press("menu.shares"),
        Press("=Dr. D. Dekker"),
        Look("a share, another organisation asks", "=Dr. D. Dekker", "second_org_asks"),
        Press("share.refuse"),
        Look("a share, used", "=Dr. D. Dekker"),
        Press("share.extend_button"),
        Press("share.extend_button"),
        Press("share.extend_button"),
        Look("a share, extended too far", "=Dr. D. Dekker", "extend_too_long", errors=True),
        _OTHER,
        *opened(organisation="Praktijk Oosterpark"),
        Look("share refused to an organisation", "state.org_refused.title", "org_refused"),
        ANNA,
        Press("menu.log"),
        Look("who looked", "log.title"),
        Press("log.more", stays=True),
        Press("log.not_me"),
        Look("this is not right", "not_me.title"),
        Press("not_me.button_share"),
        Look("this is not right, reported", "not_me.done_title"),
        DOCTOR,
        Press("overview.download"),
        Look("share stopped", "state.share_revoked.title", "share_revoked"),
    ),
)
SIGNING_IN = Walk(
    "a care provider signs in",
    (
        ANNA,
        *signed_in(),
        *shared(login=True),
        _OTHER,
        *opened(),
        Look("care login needed", "state.provider_login_required.title", "provider_login_required"),
        Press("way.care_login"),
        Press("=Balie"),
        Look("card without a name", "state.provider_card_unnamed.title", "provider_card_unnamed"),
        COLLEAGUE,
        Open("{link}"),
        Fill("link.pin", "{pin}"),
        Press("link.sign_in"),
        Press("=Annuleren|Cancel"),
        Look("care sign-in stopped", "state.work_login_cancelled.title", "work_login_cancelled"),
        Open("{link}"),
        Fill("link.pin", "{pin}"),
        Press("link.sign_in"),
        Press("=Dr. E. Evers"),
        Look("for which organisation", "workplace.title"),
        Press("workplace.go_on"),
        Look("link page, signed in", "link.title"),
        Press("link.open", nth=-1),
        Look("overview, signed in", "overview.title"),
        ANNA,
        Press("menu.shares"),
        Press("share.stop"),
        Press("stop.yes"),
    ),
)
