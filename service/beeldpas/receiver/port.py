"""What a download is to whoever checks it: files with names, read piece by piece, from a ZIP or from a folder.

Nothing that stands in a download is believed: names are compared and never opened, sizes are claims, and no file is
read further than the list says that it goes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

PIECE_BYTES = 1024 * 1024
MOST_FILES = 500_000


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong with the download as a whole: a key of the words, and the name that it concerns, if any."""

    kind: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Member:
    """A file of a download. `name` has forward slashes; `size` is in bytes, as the container says."""

    name: str
    size: int


class Download(Protocol):
    """A ZIP or a folder, opened for reading. `faults` is complete once `members` was made."""

    members: Sequence[Member]
    faults: Sequence[Fault]

    def read(self, member: Member, most: int) -> Iterator[bytes]:
        """Give a file's bytes, at most `most`. Raises: Malformed with a reason when it cannot be read."""
        ...
