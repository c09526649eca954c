"""Puts the pages, their words, the built styles and the policies into the wheel.

An editable install reads them where they lie, so it gets no copies that would grow old.
"""

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_ASSETS = ("frontend/templates", "frontend/locales", "frontend/dist", "policies")


class WheelAssets(BuildHookInterface[Any]):
    """Adds the folders above as `beeldpas/_assets/…`."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Name the folders; hatchling stops when one is missing, so a wheel never lacks its pages."""
        if version != "editable":
            build_data["force_include"] |= {folder: f"beeldpas/_assets/{folder}" for folder in _ASSETS}
