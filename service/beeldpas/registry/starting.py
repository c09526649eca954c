"""With which keys the registry starts, its own and those of whom it believes: noted in its log when they change."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from beeldpas.audit.events import Change
from beeldpas.registry.settings import RegistrySettings


def started_with(settings: RegistrySettings) -> Mapping[Change, Iterable[Path]]:
    """Return the files with keys; a registry has no policies beside its code."""
    keys = [settings.key_file, settings.hospitals_file]
    return {Change.KEYS_CHANGED: [*keys, *(asker.jwks_file for asker in settings.askers)]}
