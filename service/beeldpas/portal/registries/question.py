"""The portal's signature under every question that it asks of a registry or a hospital.

*Source:* docs/wire.md §1.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from joserfc.jwk import KeySet

from beeldpas.domain.secret import Secret
from beeldpas.formats.question import Question, sign_question

__all__ = ["Question", "Signer"]


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs questions in the name of the portal: `issuer` is its base URL, the first key the newest."""

    issuer: str
    keys: KeySet
    clock: Callable[[], datetime]

    def sign(self, question: Question, audience: str) -> Secret:
        """Sign a question for one request to `audience`."""
        return sign_question(question, issuer=self.issuer, audience=audience, now=self.clock(), key=self.keys)
