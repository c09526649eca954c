"""What a running registry is made of; built once at start and handed to every door.

Hospitals that may publish and programs that may ask come from configuration, with their keys: nobody joins by
asking.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from joserfc.jwk import KeySet
from sqlalchemy.ext.asyncio import AsyncEngine

from beeldpas.database.engine import open_engine
from beeldpas.domain.errors import Malformed
from beeldpas.formats.hospitals import Hospital, read_hospitals, valid_until
from beeldpas.formats.jose import load_keys
from beeldpas.registry.habits import Habits
from beeldpas.registry.links import Links
from beeldpas.registry.pseudonym import Pseudonyms
from beeldpas.registry.settings import RegistrySettings
from beeldpas.web.expiring import Expiring
from beeldpas.web.limits import Limits
from beeldpas.web.pseudonyms import AskedPseudonyms

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Index:
    """The parts of one registry. `hospitals` and `hospital_keys` go by the gateway's base URL, `askers` by issuer."""

    settings: RegistrySettings
    engine: AsyncEngine
    clock: Clock
    keys: KeySet
    pseudonyms: Pseudonyms
    hospitals: Mapping[str, Hospital]
    hospital_keys: Mapping[str, KeySet]
    askers: Mapping[str, KeySet]
    links: Links
    habits: Habits = field(default_factory=Habits)
    limits: Limits = field(default_factory=Limits)

    @property
    def for_providers(self) -> frozenset[str]:
        """The askers that also ask for care providers."""
        return frozenset(asker.issuer for asker in self.settings.askers if asker.providers)

    @classmethod
    def build(cls, settings: RegistrySettings, clock: Clock) -> Self:
        """Read every file that the settings name. Raises: OSError, Malformed for an unfit file."""
        hospitals = {hospital.base_url: hospital for hospital in read_hospitals(settings.hospitals_file)}
        hospital_keys = {address: load_keys(hospital.jwks_file) for address, hospital in hospitals.items()}
        ends_at, keys = valid_until(settings.hospitals_file), load_keys(settings.key_file)
        if ends_at is not None and clock() >= ends_at:
            raise Malformed("directory_ended")
        return cls(
            settings=settings,
            engine=open_engine(settings.database_url),
            clock=clock,
            keys=keys,
            pseudonyms=AskedPseudonyms(
                settings.pseudonyms, caller=settings.base_url, keys=keys, clock=clock, ca_file=settings.ca_file
            ),
            hospitals=Expiring(hospitals, ends_at, clock),
            hospital_keys=Expiring(hospital_keys, ends_at, clock),
            askers={asker.issuer: load_keys(asker.jwks_file) for asker in settings.askers},
            links=Links.of(keys, settings.fhir_base, clock),
            limits=Limits(settings.limits),
        )
