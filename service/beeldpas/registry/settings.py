"""The registry's settings: one TOML file, and environment variables `BEELDPAS_…` that win over it.

Secrets are files, never values in the settings.
"""

import tomllib
from pathlib import Path
from typing import Literal, Self

from pydantic import AnyHttpUrl, BaseModel, ConfigDict, Field, TypeAdapter, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict


class AskerSettings(BaseModel):
    """Who may ask: the issuer of the questions (a portal's base URL) and its public keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    issuer: str
    jwks_file: Path


class RegistrySettings(BaseSettings):
    """Everything that one registry needs to know at start."""

    model_config = SettingsConfigDict(frozen=True, extra="forbid", env_prefix="BEELDPAS_", env_nested_delimiter="__")
    environment: Literal["demo", "production"] = "production"
    base_url: str
    host: str = "127.0.0.1"
    port: int = 8001
    tls_cert: Path | None = None
    tls_key: Path | None = None
    ca_file: Path | None = None
    state_dir: Path
    database_url: str
    key_file: Path = Field(description="private Ed25519 JWK set: signs the access tokens of publishing hospitals")
    pseudonym_file: Path = Field(description="keys that turn a BSN into its pseudonym; made by `registry keys`")
    hospitals_file: Path = Field(description="the hospital directory: who may publish")
    askers: tuple[AskerSettings, ...] = Field(description="who may search")

    @field_validator("base_url")
    @classmethod
    def _an_address(cls, value: str) -> str:
        TypeAdapter(AnyHttpUrl).validate_python(value)
        return value.rstrip("/")

    @property
    def fhir_base(self) -> str:
        """The base of the FHIR door."""
        return f"{self.base_url}/fhir"

    @property
    def is_tls(self) -> bool:
        """Say whether the registry is reached over TLS, here or at a proxy before it."""
        return self.base_url.startswith("https://")

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
