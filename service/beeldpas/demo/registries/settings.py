"""What one of these registries needs to know at start."""

from pathlib import Path
from typing import Literal

from pydantic import Field

from beeldpas.web.settings import FileSettings

Kind = Literal["mhd", "xds", "nvi"]


class OtherRegistrySettings(FileSettings):
    """Which protocol, where, who may ask, and before which hospital."""

    kind: Kind
    base_url: str
    port: int
    tls_cert: Path | None = None
    tls_key: Path | None = None
    portal: str = Field(description="who may ask")
    portal_keys_file: Path
    hospital_file: Path = Field(description="the settings of the gateway whose index says what there is")
