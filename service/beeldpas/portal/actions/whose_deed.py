"""Whose deed a row of the log is, to whoever reads it: their own, or another's.

For patients, what somebody did in their stead is another's; for who stands in, what the patient did is.
"""

from beeldpas.audit.events import CATALOGUE
from beeldpas.domain.actions import Action
from beeldpas.domain.representation import Relation
from beeldpas.portal.actions.asker import Asker

REPRESENTED = "represented"
# What only a patient can do; the others are done by somebody else, or by the patient too.
_OWN_DEEDS = frozenset(
    {
        Action.SIGN_IN,
        Action.SIGN_OUT,
        Action.VIEW_TIMELINE,
        Action.PREVIEW_SHARE,
        Action.MAKE_SHARE,
        Action.VIEW_SHARES,
        Action.PRINT_LETTER,
        Action.REPLACE_CODE,
        Action.EXTEND_SHARE,
        Action.ALLOW_ORGANISATION,
        Action.REFUSE_ORGANISATION,
        Action.OPEN_OWN,
        Action.VIEW_LOG,
        Action.REPORT_USE,
        Action.VIEW_NOTICES,
        Action.SET_ADDRESS,
        Action.VERIFY_ADDRESS,
        Action.SET_PREFERENCES,
    }
)


def kinds_of_others() -> frozenset[str]:
    """Return the kinds of which others may have done something."""
    return frozenset(CATALOGUE) - _OWN_DEEDS


def other_grounds(asker: Asker) -> list[str]:
    """Return the grounds on which somebody else than this reader stood in for the patient."""
    return [ground for ground in Relation if ground != asker.relation]


def seen_kind(asker: Asker, kind: str, on_behalf: str) -> str:
    """Return who acted as this reader sees it: for who stands in, patients themselves are `represented`."""
    return REPRESENTED if asker.relation and kind == "patient" and not on_behalf else kind


def is_anothers(asker: Asker, kind: str, on_behalf: str) -> bool:
    """Say whether somebody else than this reader did it."""
    return kind != "patient" or on_behalf != asker.relation
