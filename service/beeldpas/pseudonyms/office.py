"""What a running process is made of: who may ask, by which keys they are known, and the book of each."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

import structlog
from joserfc.jwk import KeySet

from beeldpas.domain.errors import Malformed
from beeldpas.formats.jose import load_keys
from beeldpas.pseudonyms.keys import KeyBook, replace_file
from beeldpas.pseudonyms.pace import Pace
from beeldpas.pseudonyms.settings import CallerSettings, PseudonymsSettings

log = structlog.get_logger()


@dataclass(slots=True)
class Office:
    """The parts of one process; callers go by the issuer of their questions. The books may be read anew.

    `fingerprints` is the book of what all callers compare; None where no such keys were made.
    """

    settings: PseudonymsSettings
    clock: Callable[[], datetime]
    callers: Mapping[str, CallerSettings]
    keys: Mapping[str, KeySet]
    pace: Pace
    books: Mapping[str, KeyBook] = field(repr=False)
    fingerprints: KeyBook | None = field(default=None, repr=False)

    @classmethod
    def open(cls, settings: PseudonymsSettings, clock: Callable[[], datetime]) -> Self:
        """Read every file that the settings name. Raises: OSError, Malformed for an unfit one."""
        callers = {one.issuer: one for one in settings.callers}
        keys = {one.issuer: load_keys(one.jwks_file) for one in settings.callers}
        return cls(settings, clock, callers, keys, Pace(callers), _books(settings), _fingerprints(settings))

    def read_books_anew(self) -> None:
        """Take up new keys. What is unfit changes nothing: names go on to be made with the keys of before."""
        try:
            self.books, self.fingerprints = _books(self.settings), _fingerprints(self.settings)
        except (OSError, Malformed) as error:
            log.error("pseudonym_keys_unfit", kind=type(error).__name__)
            return
        for issuer, caller in self.callers.items():
            log.info("pseudonym_keys_read", caller=caller.name, keys=self.books[issuer].names)

    def keep_standing(self, issuer: str, rows: Mapping[str, int]) -> None:
        """Keep what a caller reports: how many of its rows stand under names by each key."""
        report = {"at": self.clock().isoformat(), "rows": dict(rows)}
        replace_file(self.settings.standing_file(self.callers[issuer].name), json.dumps(report))


def _books(settings: PseudonymsSettings) -> dict[str, KeyBook]:
    return {one.issuer: KeyBook.load(settings.book_file(one.name)) for one in settings.callers}


def _fingerprints(settings: PseudonymsSettings) -> KeyBook | None:
    file = settings.fingerprint_file
    return KeyBook.load(file) if file.exists() else None
