"""The gateway's settings: one TOML file, and environment variables `BEELDPAS_…` that win over it.

Secrets are files, never values in the settings. Relative paths stand beside the settings file.
"""

import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import AnyHttpUrl, BaseModel, ConfigDict, Field, TypeAdapter, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from beeldpas.domain.grant import Basis


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FolderSettings(_Part):
    """Files in a folder of this machine."""

    kind: Literal["folder"] = "folder"
    root: Path


class S3Settings(_Part):
    """Objects in a bucket of any S3 server."""

    kind: Literal["s3"]
    endpoint: str = Field(description="host:port, without a scheme")
    bucket: str
    prefix: str = ""
    region: str = "us-east-1"
    secure: bool = True
    access_key: str
    secret_key_file: Path


class IssuerSettings(_Part):
    """Whose access tokens are believed, for which bases, and where it is asked and told things."""

    iss: str
    keys_file: Path = Field(description="the issuer's public JWK set; keys are never fetched")
    status_uri: str
    token_endpoint: str
    uses_endpoint: str
    bases: frozenset[Basis]


class RegistrySettings(_Part):
    """The index in which this hospital says what it has."""

    base_url: str
    publication_basis: Literal["law", "consent", "patient-request"] = "law"


class GatewaySettings(BaseSettings):
    """Everything that one gateway needs to know at start."""

    model_config = SettingsConfigDict(frozen=True, extra="forbid", env_prefix="BEELDPAS_", env_nested_delimiter="__")
    environment: Literal["demo", "production"] = "production"
    gateway_id: str = Field(pattern=r"^[a-z0-9-]{1,64}$")
    hospital: str
    ura: str
    phone: str
    base_url: str
    host: str = "127.0.0.1"
    port: int = 8100
    tls_cert: Path | None = None
    tls_key: Path | None = None
    ca_file: Path | None = None
    state_dir: Path
    database_url: str
    key_file: Path = Field(
        description="private Ed25519 JWK set: signs manifests, previews, uses and client assertions"
    )
    lease_keys_file: Path = Field(description="one key a line, newest first; made at first start")
    local_issuer: str = Field(description="whose patient number it is when a file does not say")
    viewer_origin: str | None = Field(None, description="the origin whose pages may read DICOMweb answers")
    download_connections: int = Field(64, gt=0, description="downloads at a time; more are asked to come back")
    objects: Annotated[FolderSettings | S3Settings, Field(discriminator="kind")]
    issuers: tuple[IssuerSettings, ...]
    registry: RegistrySettings | None = None

    @field_validator("base_url")
    @classmethod
    def _an_origin(cls, value: str) -> str:
        TypeAdapter(AnyHttpUrl).validate_python(value)
        if urlsplit(value).path.strip("/"):
            raise ValueError("the gateway stands at the root of its host name: its cookies need that")
        return value.rstrip("/")

    @property
    def is_tls(self) -> bool:
        """Say whether browsers reach the gateway over TLS, here or at a proxy before it."""
        return self.base_url.startswith("https://")

    def issuer(self, iss: str) -> IssuerSettings | None:
        """Return the trusted issuer of that name, if it is one."""
        return next((issuer for issuer in self.issuers if issuer.iss == iss), None)

    @classmethod
    def load(cls, file: Path) -> Self:
        """Read the settings file. Raises: pydantic.ValidationError, OSError, tomllib.TOMLDecodeError."""
        return cls(**_beside(tomllib.loads(file.read_text(encoding="utf-8")), file.absolute().parent))

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


def _beside(values: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Resolve the fields that name files against the folder of the settings file."""
    resolved: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, dict):
            resolved[name] = _beside(value, folder)
        elif isinstance(value, list):
            resolved[name] = [_beside(item, folder) if isinstance(item, dict) else item for item in value]
        elif name.endswith(("_file", "_dir", "_cert")) or name in {"root", "tls_key"}:
            resolved[name] = str(folder / value)
        else:
            resolved[name] = value
    return resolved
