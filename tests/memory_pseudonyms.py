"""Names of people by real HMACs under fresh keys, in memory: fits the place of the process that makes them."""

import hmac
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from secrets import token_bytes

from beeldpas.domain.bsn import BSN
from beeldpas.domain.errors import Unavailable
from beeldpas.formats.fingerprints import Fingerprints, Told


@dataclass(slots=True)
class MemoryPseudonyms:
    """Names newest first: `rotate` adds a key before the others; `down` is a process that does not answer."""

    keys: list[tuple[str, bytes]] = field(default_factory=lambda: [("n1", token_bytes(32))])
    down: bool = False
    asked: int = 0
    told: Mapping[BSN, tuple[str, ...]] = field(default_factory=dict)  # names that somebody else made

    async def names(self, bsn: BSN) -> tuple[str, ...]:
        self.asked += 1
        if self.down:
            raise Unavailable("pseudonyms")
        if bsn in self.told:
            return self.told[bsn]
        number = bsn.reveal().encode()
        return tuple(f"{name}.{hmac.new(key, number, sha256).hexdigest()}" for name, key in self.keys)

    async def names_of(self, people: Collection[BSN]) -> Mapping[BSN, tuple[str, ...]]:
        return {one: await self.names(one) for one in people}

    async def fingerprints_of(self, people: Sequence[Told]) -> list[Fingerprints]:
        return [Fingerprints(f"p1.{self.fingerprint(str(one.birth_date))}") for one in people]

    def fingerprint(self, value: str) -> str:
        """What a value looks like; nothing here depends on the person."""
        return sha256(value.encode()).hexdigest()

    async def report(self, rows: Mapping[str, int]) -> None:
        """Nothing is kept of it."""

    def rotate(self) -> None:
        """From now on new rows get other names."""
        self.keys.insert(0, (f"n{len(self.keys) + 1}", token_bytes(32)))
