"""The files that Vite built: styles, scripts and fonts, each with a hash in its name.

*Source:* Vite's backend integration (`.vite/manifest.json` names each entry's hashed file).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

STATIC_URL = "/static/"


@dataclass(frozen=True, slots=True)
class Assets:
    """The built files of the pages."""

    dist: Path
    _entries: Mapping[str, str]

    @classmethod
    def load(cls, dist: Path) -> Self:
        """Read what Vite built. Raises: FileNotFoundError when nothing was built yet."""
        manifest = json.loads((dist / ".vite" / "manifest.json").read_text(encoding="utf-8"))
        return cls(dist, {source: entry["file"] for source, entry in manifest.items()})

    def url(self, source: str) -> str:
        """Return the address of a source file as it was built. Raises: KeyError."""
        return STATIC_URL + self._entries[source]

    def file(self, source: str) -> Path:
        """Return the built file itself (for the letter). Raises: KeyError."""
        return self.dist / self._entries[source]
