"""With which policies and keys the portal starts, its own and those that it believes: noted when they change."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from beeldpas.assets import asset
from beeldpas.audit.events import Change
from beeldpas.portal.settings import PortalSettings


def started_with(settings: PortalSettings) -> Mapping[Change, Iterable[Path]]:
    """Return the files of the policies, and those with keys of the portal and of those that it believes."""
    policies = asset("policies")
    keys = [settings.key_file, settings.secrets_file, settings.hospitals_file]
    keys += [client.key_file for client in (settings.digid, settings.zorg, settings.staff)]
    return {Change.POLICIES_CHANGED: policies.glob("*.cedar*"), Change.KEYS_CHANGED: keys}
