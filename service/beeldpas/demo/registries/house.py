"""What every one of these registries has: a hospital behind it, and an eye on who asks."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from joserfc.jwk import KeySet
from starlette.requests import Request

from beeldpas.database.engine import open_engine
from beeldpas.demo.registries.holdings import Holdings
from beeldpas.demo.registries.settings import OtherRegistrySettings
from beeldpas.domain.errors import Refused
from beeldpas.formats.jose import load_keys
from beeldpas.formats.question import Question, read_question
from beeldpas.gateway.settings import GatewaySettings
from beeldpas.gateway.status import utc_now
from beeldpas.web.body import read_body

_LARGEST_QUESTION = 100_000


@dataclass(frozen=True, slots=True)
class House:
    """One registry: its address, what it knows of, and whose questions it answers (issuer → keys)."""

    base_url: str
    holdings: Holdings
    askers: Mapping[str, KeySet]

    @classmethod
    def build(cls, settings: OtherRegistrySettings) -> Self:
        """Open what the settings name."""
        hospital = GatewaySettings.load(settings.hospital_file)
        holdings = Holdings(hospital, open_engine(hospital.database_url), utc_now)
        return cls(settings.base_url, holdings, {settings.portal: load_keys(settings.portal_keys_file)})

    def asked(self, request: Request, audience: str) -> Question:
        """Return the question that a request brings. Raises: Refused("invalid_token")."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            raise Refused("invalid_token")
        return read_question(token, askers=self.askers, audience=audience, now=utc_now()).question


async def body_of(request: Request) -> bytes:
    """Return what was sent. Raises: Malformed when it is too much."""
    return await read_body(request, _LARGEST_QUESTION)
