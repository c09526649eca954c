"""The portal's settings: one TOML file, and environment variables `BEELDPAS_…` that win over it.

*Source:* docs/operations (every field is described there); secrets are files, never values in the settings.
"""

import tomllib
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import AnyHttpUrl, BaseModel, ConfigDict, Field, TypeAdapter, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

Level = Literal["substantial", "high"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class IssuerSettings(_Part):
    """An OpenID provider, and the portal as its client."""

    issuer: str
    client_id: str
    key_file: Path = Field(description="private RSA JWK set: signs client assertions, opens encrypted userinfo")
    assertion_audience: Literal["token_endpoint", "issuer"] = "token_endpoint"


class DigiDSettings(IssuerSettings):
    """The patients' provider; `entitled_organisation` is the BSN-entitled one, as DigiD lists it."""

    minimum_level: Level = "substantial"
    entitled_organisation: str = ""


class RegistrySettings(_Part):
    """A registry that is asked for studies."""

    name: str
    kind: Literal["fhir"] = "fhir"
    base_url: str


class ServiceSettings(_Part):
    """What pages and letters say about who runs this and where help is."""

    name: str = "Beeldpas"
    organisation: str
    phone: str
    hours_nl: str = "maandag tot en met vrijdag, 8.00 tot 18.00 uur"
    hours_en: str = "Monday to Friday, 8:00 to 18:00"


class PortalSettings(BaseSettings):
    """Everything that one portal needs to know at start."""

    model_config = SettingsConfigDict(frozen=True, extra="forbid", env_prefix="BEELDPAS_", env_nested_delimiter="__")
    environment: Literal["demo", "production"] = "production"
    base_url: str
    host: str = "127.0.0.1"
    port: int = 8000
    tls_cert: Path | None = None
    tls_key: Path | None = None
    ca_file: Path | None = None
    state_dir: Path
    database_url: str
    key_file: Path = Field(description="private Ed25519 JWK set: signs tokens, status lists and questions")
    secrets_file: Path = Field(description="pseudonym, fingerprint, PIN, seal and link keys")
    hospitals_file: Path
    registries: tuple[RegistrySettings, ...]
    timeline_deadline_seconds: float = Field(4.0, gt=0, le=30)
    digid: DigiDSettings
    zorg: IssuerSettings
    staff: IssuerSettings
    service: ServiceSettings

    @field_validator("base_url")
    @classmethod
    def _an_origin(cls, value: str) -> str:
        TypeAdapter(AnyHttpUrl).validate_python(value)
        if urlsplit(value).path.strip("/"):
            raise ValueError("the portal stands at the root of its host name")
        return value.rstrip("/")

    @property
    def is_tls(self) -> bool:
        """Say whether browsers reach the portal over TLS, here or at a proxy before it."""
        return self.base_url.startswith("https://")

    @property
    def site(self) -> str:
        """Return the address as people read it: without `https://`."""
        return urlsplit(self.base_url).netloc

    @classmethod
    def load(cls, file: Path) -> Self:
        """Read the settings file. Raises: pydantic.ValidationError, OSError, tomllib.TOMLDecodeError."""
        return cls(**tomllib.loads(file.read_text(encoding="utf-8")))

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment wins over the file; nothing else is looked at."""
        return (env_settings, init_settings)
