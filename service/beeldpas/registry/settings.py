"""What the registry needs to know beyond what every program does; each field is described in docs/operations.md."""

from pathlib import Path

from pydantic import Field

from beeldpas.web.limits import LimitsSettings
from beeldpas.web.pseudonyms import PseudonymSettings
from beeldpas.web.settings import Part, ProgramSettings


class AskerSettings(Part):
    """Who may ask: the issuer of the questions (a portal's base URL), its public keys, and for whom it asks."""

    issuer: str
    jwks_file: Path
    providers: bool = Field(default=False, description="it also asks for care providers, on a patient's share")


class RegistryLimits(LimitsSettings):
    """How many a minute the registry allows: of whom, each field says."""

    questions: int = Field(default=6000, gt=0, description="searches by one portal")
    tokens: int = Field(default=600, gt=0, description="token requests of one hospital")


class RegistrySettings(ProgramSettings):
    """Everything that one registry needs to know at start."""

    port: int = 8001
    key_file: Path = Field(description="private Ed25519 JWK set: signs the access tokens of publishing hospitals")
    pseudonyms: PseudonymSettings = Field(description="the process that makes names of BSNs")
    hospitals_file: Path = Field(description="the hospital directory: who may publish")
    askers: tuple[AskerSettings, ...] = Field(description="who may search")
    limits: RegistryLimits = RegistryLimits()
    mhd: bool = Field(default=False, description="it also answers as an index of documents, with MADO manifests")

    @property
    def fhir_base(self) -> str:
        """The base of the FHIR door."""
        return f"{self.base_url}/fhir"

    @property
    def mhd_base(self) -> str:
        """The base of the door for documents: the audience of questions to it."""
        return f"{self.base_url}/mhd"
