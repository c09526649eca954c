"""Every page and state, and how people come to it: walks that start at a front door and find things by their words.

A page that is new gets a `Look` in the walk that passes it. What stands here is swept (`test_accessibility.py`), kept
as pictures (`test_gallery.py`), and listed in docs/accessibility.md and, for states, docs/states.md.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.browser.steps import Fill, Look, Note, NoteAddress, Open, Press, Step, Tick, Who


@dataclass(frozen=True, slots=True)
class Walk:
    """Some people on their way through some pages. `quick`: looked at in every `make test`."""

    name: str
    steps: tuple[Step, ...]
    quick: bool = False

    @property
    def stops(self) -> tuple[Look, ...]:
        """What is looked at."""
        return tuple(step for step in self.steps if isinstance(step, Look))


PATIENT = Who("anna", "patient")
DOCTOR = Who("dekker", "provider")
OTHER_DOCTOR = Who("visser", "provider")
AGENT = Who("fatima", "helpdesk")
NOBODY = "SF00-0000-0000-0000-0"


def signed_in(name: str = "Anna Jansen") -> tuple[Step, ...]:
    """Sign in as a patient, from the front page."""
    return (Open("/"), Press("start.sign_in"), Press(f"={name}"))


def shared(study: int = 0, login: bool = False) -> tuple[Step, ...]:
    """Share one examination from the timeline, and note what there is to hand over."""
    return (
        Tick("timeline.choose", study),
        Press("timeline.share"),
        Fill("terms.for_whom", "Dr. D. Dekker, Kliniek De Linde"),
        *((Tick("terms.self_declared_no"),) if login else ()),
        Press("terms.go_on"),
        Press("check.share"),
        *HANDED_OVER,
    )


HANDED_OVER: tuple[Step, ...] = (
    Note("link", "#share-link"),
    Note("code", ".secret:not(.pin)"),
    Note("pin", ".secret.pin"),
    Note("reference", ".notice .code"),
)


def opened(organisation: str = "Kliniek De Linde", pin: str = "{pin}") -> tuple[Step, ...]:
    """Open the link and fill in who one is."""
    return (
        Open("{link}"),
        Fill("link.pin", pin),
        Fill("link.name", "Dr. D. Dekker"),
        Fill("link.organisation", organisation),
        Press("link.open"),
    )


FRONT = Walk(
    "front doors",
    (
        Who("nobody", "patient"),
        Open("/"),
        Look("start", "start.title"),
        Press("foot.help"),
        Look("help", "help.title"),
        Press("foot.privacy"),
        Look("privacy", "privacy.title"),
        Open("/no-such-page"),
        Look("not found", "state.not_found.title", "not_found"),
        Press("way.start"),
        Who("nobody", "provider"),
        Press("start.provider.link"),
        Look("link page", "link.title"),
        Press("link.open"),
        Look("link page, nothing filled in", "link.title", "code_missing", errors=True),
        Press("foot.ict"),
        Look("for IT departments", "ict.title"),
        Who("nobody", "helpdesk"),
        Open("/helpdesk"),
        Look("helpdesk, not signed in", "desk.title"),
    ),
    quick=True,
)
SHARING = Walk(
    "a patient shares",
    (
        PATIENT,
        *signed_in(),
        Look("timeline", "timeline.title"),
        Press("timeline.share"),
        Look("timeline, nothing chosen", "timeline.title", "share_nothing_chosen", errors=True),
        Tick("timeline.choose", 0),
        Tick("timeline.choose", 3),
        Press("timeline.share"),
        Look("for whom and how long", "terms.title"),
        Press("terms.go_on"),
        Look("for whom and how long, with mistakes", "terms.title", "share_for_whom_missing", errors=True),
        Fill("terms.for_whom", "Dr. D. Dekker, Kliniek De Linde"),
        Tick("terms.other_days"),
        Fill("terms.other_days_label", "45"),
        Press("terms.go_on"),
        Look("for whom and how long, a day too late", "terms.title", "share_date_out_of_range", errors=True),
        Fill("terms.other_days_label", "9"),
        Fill("terms.note", "Graag een tweede mening."),
        Press("terms.go_on"),
        Look("check", "check.title"),
        Press("check.share"),
        Look("code", "code.title"),
        *HANDED_OVER,
        Press("code.pin_show", stays=True),
        Look("code, PIN shown", "code.title"),
        Press("code.to_share"),
        Press("share.new_code"),
        Look("new code", "new_code.title"),
        Press("new_code.yes"),
        Look("new code made", "state.code_replaced.title", "code_replaced"),
        *HANDED_OVER,
        Press("menu.shares"),
        Look("shares", "shares.title"),
        Press("share.stop"),
        Look("stop", "stop.title"),
        NoteAddress("stopping"),
        Press("stop.yes"),
        Look("stopped", "state.share_stopped_ok.title", "share_stopped_ok"),
        Press("menu.log"),
        Look("who looked, nobody", "log.title"),
        Press("page.sign_out"),
        Look("signed out", "state.signed_out.title", "signed_out"),
    ),
)

WALKS = (FRONT, SHARING)
