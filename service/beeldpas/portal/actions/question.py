"""What the portal says to a registry or hospital about who asks and why (docs/wire.md §1)."""

from beeldpas.formats.question import Question
from beeldpas.portal.actions.asker import Asker
from beeldpas.portal.house import House
from beeldpas.portal.pseudonym import pairwise

_LONGEST = 200


def ask_for_patient(house: House, asker: Asker) -> Question:
    """A patient asks about themselves, or who stands in for them does; the portal stands in for an organisation."""
    return Question(
        asker="patient",
        role=asker.relation or "patient",
        subject=asking_subject(house, asker),
        organisation=house.settings.base_url,
        purpose="PATRQT",
        basis="own",
    )


def ask_for_provider(house: House, asker: Asker, relation: str) -> Question:
    """A care provider asks about what a patient shared with them, or who stood in for that patient by `relation`."""
    named = asker.ura if asker.verified and asker.ura else asker.organisation
    return Question(
        asker="provider",
        role="verified" if asker.verified else "self-declared",
        subject=asking_subject(house, asker),
        organisation=named[:_LONGEST],
        purpose="TREAT",
        basis="share",
        given_by=relation or "patient",
    )


def asking_subject(house: House, asker: Asker) -> str:
    """Return who asks, as hospitals and registries see it: opaque, and the same every time."""
    return pairwise(house.secrets, "question", asker.receiver_key)
