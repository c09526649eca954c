"""What the sign-in says of the patient, laid beside what the hospitals say: it counts for more than any of them.

Only a fingerprint of the birth date is known here, as of the hospitals. *Source:* docs/decisions/0045.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from beeldpas.domain.bsn import BSN
from beeldpas.domain.identity import SIGN_IN, Claim
from beeldpas.portal.registries.port import Registry, RegistryAnswer
from beeldpas.portal.registries.question import Question


@dataclass(frozen=True, slots=True)
class Vouched:
    """A registry whose answers come with the word of the sign-in."""

    registry: Registry
    claim: Claim

    @property
    def name(self) -> str:
        """How people know the registry."""
        return self.registry.name

    async def search(self, bsn: BSN, question: Question) -> RegistryAnswer:
        """Return what the registry knows. Raises: Unavailable."""
        answer = await self.registry.search(bsn, question)
        return replace(answer, claims=(*answer.claims, self.claim))


def vouched(registries: Sequence[Registry], born: str) -> Sequence[Registry]:
    """Return the registries with the sign-in's word beside them; as they are where it told no birth date."""
    return [Vouched(one, Claim("", SIGN_IN, born)) for one in registries] if born else registries
