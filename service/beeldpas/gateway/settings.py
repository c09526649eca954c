"""What a gateway needs to know beyond what every program does; each field is described in docs/operations.md."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from beeldpas.domain.grant import Basis
from beeldpas.gateway.pacs.settings import AnyPacs
from beeldpas.web.pseudonyms import PseudonymSettings
from beeldpas.web.security_txt import SecurityContact
from beeldpas.web.settings import Part, RootedSettings


class FolderSettings(Part):
    """Files in a folder of this machine."""

    kind: Literal["folder"] = "folder"
    root: Path


class S3Settings(Part):
    """Objects in a bucket of any S3 server."""

    kind: Literal["s3"]
    endpoint: str = Field(description="host:port, without a scheme")
    bucket: str
    prefix: str = ""
    region: str = "us-east-1"
    secure: bool = True
    access_key: str
    secret_key_file: Path


class IssuerSettings(Part):
    """Whose access tokens are believed, for which bases, and where it is asked and told things."""

    iss: str
    keys_file: Path = Field(description="the issuer's public JWK set; keys are never fetched")
    status_uri: str
    token_endpoint: str
    uses_endpoint: str
    bases: frozenset[Basis]


class RegistrySettings(Part):
    """The index in which this hospital says what it has."""

    base_url: str
    publication_basis: Literal["law", "consent", "patient-request"] = "law"
    publish_instances: bool = Field(
        False, description="name every instance of a study, for indexes that make manifests"
    )


class ScrubSettings(Part):
    """How slowly what is stored is read again and compared with the index."""

    days_per_round: Annotated[float, Field(ge=0, description="everything is read once in so many; 0: never")] = 30
    most_bytes_per_second: Annotated[int, Field(gt=0)] = 20_000_000


class AuditRepositorySettings(Part):
    """The hospital's own audit record repository: every row of the log is sent there, over syslog with TLS."""

    host: str
    port: Annotated[int, Field(gt=0, le=65535)] = 6514
    ca_file: Path | None = Field(None, description="who signed its certificate; without it: what this machine trusts")
    tls_cert: Path | None = Field(None, description="the gateway's own certificate, when the repository asks for one")
    tls_key: Path | None = None
    alarm_at: Annotated[int, Field(gt=0, description="so many messages waiting raise the alarm")] = 100_000


class GatewaySettings(RootedSettings):
    """Everything that one gateway needs to know at start."""

    gateway_id: str = Field(pattern=r"^[a-z0-9-]{1,64}$")
    hospital: str
    ura: str
    phone: str
    port: int = 8100
    socket: Path | None = Field(None, description="a UNIX socket beside the port, for a proxy on this machine")
    security: SecurityContact | None = Field(None, description="whom to tell of a weakness; shown in security.txt")
    key_file: Path = Field(
        description="private Ed25519 JWK set: signs manifests, previews, uses and client assertions"
    )
    lease_keys_file: Path = Field(description="one key a line, newest first; made at first start")
    local_issuer: str = Field(description="whose patient number it is when a file does not say")
    viewer_origin: str | None = Field(None, description="the origin whose pages may read DICOMweb answers")
    download_connections: int = Field(64, gt=0, description="downloads at a time; more are asked to come back")
    lease_hours: float = Field(6, gt=0, le=24, description="a started download may finish or resume for so long")
    lease_times: int = Field(4, gt=1, description="how often one lease may take the whole archive, resumes included")
    receiver_idle_seconds: int = Field(60, gt=0, description="a receiver that takes nothing for so long is cut off")
    policies_dir: Path | None = Field(None, description="the hospital's own forbids, as *.cedar")
    witness_seconds: float = Field(60, gt=0, le=3600, description="how often the issuers' logs are looked at")
    keep_tiff_preambles: bool = Field(False, description="files that are DICOM and TIFF at once keep their preamble")
    objects: Annotated[FolderSettings | S3Settings, Field(discriminator="kind")]
    issuers: tuple[IssuerSettings, ...]
    registry: RegistrySettings | None = None
    pseudonyms: PseudonymSettings | None = Field(
        None, description="the process that makes fingerprints of birth date and sex; without it none are published"
    )
    scrub: ScrubSettings = ScrubSettings()
    pacs: AnyPacs | None = None
    audit_repository: AuditRepositorySettings | None = None

    def issuer(self, iss: str) -> IssuerSettings | None:
        """Return the trusted issuer of that name, if it is one."""
        return next((issuer for issuer in self.issuers if issuer.iss == iss), None)
