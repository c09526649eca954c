"""A hospital's gateway as an asker: it proved itself with its key, so the directory vouches for its name."""

from beeldpas.portal.actions.asker import Asker
from beeldpas.portal.directory import Hospital


def as_asker(hospital: Hospital) -> Asker:
    """Return the asker that a hospital's gateway is."""
    return Asker(
        kind="gateway",
        subject=hospital.gateway_id,
        name=hospital.name,
        organisation=hospital.name,
        ura=hospital.ura,
        verified=True,
        roles=frozenset(),
        session="",
        language="nl",
    )
