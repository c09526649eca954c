"""What the settings of every program have in common: one TOML file, and environment variables that win over it.

Secrets are files, never values in the settings; relative paths stand beside the settings file.
"""

import tomllib
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import AnyHttpUrl, BaseModel, ConfigDict, Field, TypeAdapter, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

_FILE_ENDINGS = ("_file", "_dir", "_cert")
_FILE_NAMES = frozenset({"root", "tls_key", "socket"})


class Part(BaseModel):
    """A table inside a settings file."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class FileSettings(BaseSettings):
    """Settings of a program: a file, and the environment."""

    model_config = SettingsConfigDict(frozen=True, extra="forbid", env_prefix="BEELDPAS_", env_nested_delimiter="__")

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


class ProgramSettings(FileSettings):
    """Where a program is reached, by what name, and where it keeps things."""

    environment: Literal["demo", "production"] = "production"
    base_url: str
    host: str = "127.0.0.1"
    port: int
    tls_cert: Path | None = None
    tls_key: Path | None = None
    ca_file: Path | None = None
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    state_dir: Path
    database_url: str
    log_years: int = Field(5, ge=5, le=20, description="how long a record of the access log is kept")

    @field_validator("base_url")
    @classmethod
    def _an_address(cls, value: str) -> str:
        TypeAdapter(AnyHttpUrl).validate_python(value)
        return value.rstrip("/")

    @property
    def is_tls(self) -> bool:
        """Say whether others reach the program over TLS, here or at a proxy before it."""
        return self.base_url.startswith("https://")


class LogSettings(ProgramSettings):
    """What the settings of any program say about its access log; the rest of the file is for the program itself."""

    model_config = SettingsConfigDict(extra="ignore")
    port: int = 0
    key_file: Path
    hospitals_file: Path | None = None


class RootedSettings(ProgramSettings):
    """A program that sets `__Host-` cookies: it needs a host name of its own."""

    @field_validator("base_url")
    @classmethod
    def _at_the_root(cls, value: str) -> str:
        if urlsplit(value).path.strip("/"):
            raise ValueError("this program stands at the root of its host name: its cookies need that")
        return value


def _beside(values: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Resolve the fields that name files against the folder of the settings file."""
    resolved: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, dict):
            resolved[name] = _beside(value, folder)
        elif isinstance(value, list):
            resolved[name] = [_beside(item, folder) if isinstance(item, dict) else item for item in value]
        elif name.endswith(_FILE_ENDINGS) or name in _FILE_NAMES:
            resolved[name] = str(folder / value)
        else:
            resolved[name] = value
    return resolved
