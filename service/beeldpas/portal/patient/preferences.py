"""What the visitor set for the pages: read once at sign-in, kept in the session, changed on the settings page.

They belong to whoever looks, not to the patient who is looked for: large letters are for a mother's eyes.
"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from beeldpas.domain.preferences import Preferences

_KEY = "preferences"


def preferences_of(values: Mapping[str, Any]) -> Preferences:
    """Return what a session knows; the defaults when nothing was set."""
    kept: Mapping[str, Any] = values.get(_KEY, {})
    return Preferences(**kept)


def as_values(preferences: Preferences | None) -> dict[str, Any]:
    """Return what a session keeps; nothing when nothing was set."""
    return {_KEY: asdict(preferences)} if preferences else {}
