"""What the portal is made of. Built once at start, handed to every action, never changed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from joserfc.jwk import KeySet
from sqlalchemy.ext.asyncio import AsyncEngine

from beeldpas.policy.decision import PolicyDecisionPoint
from beeldpas.portal.directory import Directory
from beeldpas.portal.gatherings import Gatherings
from beeldpas.portal.pseudonym import Pseudonyms
from beeldpas.portal.registries.breaker import Breakers
from beeldpas.portal.registries.port import Registry
from beeldpas.portal.registries.preview import Gateways
from beeldpas.portal.secrets import Secrets
from beeldpas.portal.settings import PortalSettings
from beeldpas.web.limits import Limits


@dataclass(frozen=True, slots=True)
class House:
    """The parts that actions work with.

    `clock` gives aware UTC. `keys` are the portal's signing keys, newest first. `gateway_keys` are the public
    keys of each hospital's gateway, by gateway id.
    """

    engine: AsyncEngine
    clock: Callable[[], datetime]
    settings: PortalSettings
    keys: KeySet
    secrets: Secrets
    pseudonyms: Pseudonyms
    policies: PolicyDecisionPoint
    directory: Directory
    registries: tuple[Registry, ...]
    gateways: Gateways
    gateway_keys: Mapping[str, KeySet]
    limits: Limits = field(default_factory=Limits)
    breakers: Breakers = field(default_factory=Breakers)
    gatherings: Gatherings = field(default_factory=Gatherings)
