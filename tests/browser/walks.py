"""A walk through pages, and the parts of the way that several walks have in common."""

from __future__ import annotations

from dataclasses import dataclass

from tests.browser.steps import Fill, Look, Note, Open, Press, Step, Tick, Who


@dataclass(frozen=True, slots=True)
class Walk:
    """Some people on their way through some pages.

    `quick`: looked at in every `make test`. `scripts`: it is taken with them. `draws`: images are looked
    at, which wants a browser that draws.
    """

    name: str
    steps: tuple[Step, ...]
    quick: bool = False
    scripts: bool = True
    draws: bool = False

    @property
    def stops(self) -> tuple[Look, ...]:
        """What is looked at."""
        return tuple(step for step in self.steps if isinstance(step, Look))


ANNA = Who("anna", "patient")
BRAM = Who("bram", "patient")
DINA = Who("dina", "patient")
DOCTOR = Who("dekker", "provider")
COLLEAGUE = Who("evers", "provider")
AGENT = Who("fatima", "helpdesk")


def signed_in(name: str = "Anna Jansen") -> tuple[Step, ...]:
    """Sign in as a patient, from the front page."""
    return (Open("/"), Press("start.sign_in"), Press("=" + name))


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


def opened(organisation: str = "Kliniek De Linde", link: str = "{link}") -> tuple[Step, ...]:
    """Open the link and fill in who one is."""
    return (
        Open(link),
        Fill("link.pin", "{pin}"),
        Fill("link.name", "Dr. D. Dekker"),
        Fill("link.organisation", organisation),
        Press("link.open", nth=-1),
    )
