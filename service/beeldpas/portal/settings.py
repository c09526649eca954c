"""What the portal needs to know beyond what every program does; each field is described in docs/operations.md."""

from email.utils import parseaddr
from ipaddress import ip_address
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import AnyHttpUrl, Field, TypeAdapter, field_validator, model_validator

from beeldpas.web.limits import LimitsSettings
from beeldpas.web.pseudonyms import PseudonymSettings
from beeldpas.web.security_txt import SecurityContact
from beeldpas.web.settings import Part, RootedSettings

Level = Literal["substantial", "high"]
SigningAlgorithm = Literal["PS256", "RS256"]
_THIS_MACHINE = ("127.0.0.1", "::1", "localhost")


class IssuerSettings(Part):
    """An OpenID provider, and the portal as its client: what is agreed with this one, and nothing else is taken."""

    issuer: str
    client_id: str
    key_file: Path = Field(description="private RSA JWK set: signs client assertions, opens encrypted userinfo")
    assertion_audience: Literal["token_endpoint", "issuer"] = "token_endpoint"
    assertion_algorithm: SigningAlgorithm = "PS256"
    signature_algorithms: tuple[SigningAlgorithm, ...] = Field(("PS256", "RS256"), min_length=1)
    userinfo: Literal["json", "signed", "encrypted"] = "json"
    userinfo_issuer: str = Field("", description="where signed userinfo names another issuer than the ID token")
    content_encryption: Literal["A256GCM", "A128CBC-HS256"] = "A256GCM"
    pushed_requests: Literal["offered", "always"] = "offered"
    acr_values: tuple[str, ...] = Field((), description="levels to ask for; what is given is checked in any case")
    sign_out_there: bool = Field(True, description="where the provider offers that: /signed-out is registered there")

    @field_validator("issuer")
    @classmethod
    def _an_address(cls, value: str) -> str:
        TypeAdapter(AnyHttpUrl).validate_python(value)
        return value

    @property
    def is_of_this_machine(self) -> bool:
        """Say whether only this machine can reach the provider, or nobody can be sure that it is the provider."""
        parts = urlsplit(self.issuer)
        host = parts.hostname or ""
        return parts.scheme != "https" or host.rpartition(".")[2] == "localhost" or _is_loopback(host)


class DigiDSettings(IssuerSettings):
    """The patients' provider; `entitled_organisation` is the BSN-entitled one, as DigiD lists it."""

    userinfo: Literal["json", "signed", "encrypted"] = "encrypted"
    minimum_level: Level = "substantial"
    entitled_organisation: str = ""


class DeclarationSettings(Part):
    """Who signs what a Dezi login says of a care provider, and by which keys that is believed."""

    issuer: str = "https://abonnee.dezi.nl"
    jwks_file: Path = Field(description="public RSA keys, from the administrator's own hand: none is fetched")
    jku: str = Field("", description="where the signer says that its keys are; another address is refused")
    once: bool = Field(True, description="a declaration lets somebody in once; some signers hand one out for months")


class ZorgSettings(IssuerSettings):
    """The care providers' provider; with `declaration` a signed Dezi declaration is what counts."""

    minimum_level: Level = "substantial"
    declaration: DeclarationSettings | None = None


class RegistrySettings(Part):
    """A registry that is asked for studies."""

    name: str
    kind: Literal["fhir", "mhd", "xds", "nvi"] = "fhir"
    base_url: str
    repositories: dict[str, str] = Field({}, description="of kind xds: unique id of each repository, and its address")
    pseudonyms_url: str = Field("", description="of kind nvi: the pseudonym service")
    addressing_url: str = Field("", description="of kind nvi: the FHIR base of the address register")
    recipient: str = Field("", description="of kind nvi: for whom pseudonyms are made, as `oin:` and twenty digits")

    @model_validator(mode="after")
    def _whole(self) -> Self:
        around = (self.pseudonyms_url, self.addressing_url, self.recipient)
        if self.kind == "nvi" and not all(around):
            raise ValueError("an index of kind nvi needs pseudonyms_url, addressing_url and recipient")
        return self

    @property
    def addresses(self) -> tuple[str, ...]:
        """Return every address that is asked for this registry, the hospitals' own apart."""
        around = (self.pseudonyms_url, self.addressing_url)
        return (self.base_url, *self.repositories.values(), *(one for one in around if one))


class ServiceSettings(Part):
    """What pages and letters say about who runs this and where help is."""

    name: str = "Beeldpas"
    organisation: str
    phone: str
    hours_nl: str = "maandag tot en met vrijdag, 8.00 tot 18.00 uur"
    hours_en: str = "Monday to Friday, 8:00 to 18:00"


class MailSettings(Part):
    """The mail server that takes notices for patients, and who they are from."""

    host: str
    port: int = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str = ""
    password_file: Path | None = None
    sender: str = Field(description="`Beeldpas <noreply@beeldpas.example>`")

    @model_validator(mode="after")
    def _safe(self) -> Self:
        if self.security == "none" and self.host not in _THIS_MACHINE:
            raise ValueError("mail leaves this machine over TLS only: security must be starttls or tls")
        if bool(self.user) != bool(self.password_file):
            raise ValueError("user and password_file belong together")
        if any(not sign.isprintable() for sign in self.sender) or "@" not in self.sender_address:
            raise ValueError("sender must be a name and an address")
        return self

    @property
    def sender_address(self) -> str:
        """Return the bare address, for the envelope."""
        return parseaddr(self.sender)[1]


class PortalLimits(LimitsSettings):
    """How many a minute the portal allows: of whom, each field says."""

    code_tries: int = Field(default=1200, gt=0, description="share codes typed from one address, not signed in")
    code_tries_of_all: int = Field(default=12_000, gt=0, description="the same from all addresses together")
    code_tries_signed_in: int = Field(default=60, gt=0, description="share codes of one signed-in care provider")
    sign_ins: int = Field(default=600, gt=0, description="sign-ins begun from one address, at all doors together")
    tokens: int = Field(default=6000, gt=0, description="token requests of one gateway")
    uses: int = Field(default=6000, gt=0, description="reports of use of one gateway")
    looks: int = Field(default=20, gt=0, description="references, call codes and numbers looked up by one agent")


class PortalSettings(RootedSettings):
    """Everything that one portal needs to know at start."""

    port: int = 8000
    key_file: Path = Field(description="private Ed25519 JWK set: signs tokens, status lists and questions")
    secrets_file: Path = Field(description="fingerprint, PIN, seal, link and pairwise keys")
    pseudonyms: PseudonymSettings = Field(description="the process that makes names of BSNs")
    hospitals_file: Path
    registries: tuple[RegistrySettings, ...]
    timeline_deadline_seconds: float = Field(4.0, gt=0, le=30)
    timeline_patience_seconds: float = Field(0.2, ge=0, le=5)
    source_failures: int = Field(5, gt=0, description="after so many in a row a registry or hospital is left alone")
    source_pause_seconds: float = Field(20.0, gt=0, le=600)
    digid: DigiDSettings
    zorg: ZorgSettings
    staff: IssuerSettings
    service: ServiceSettings
    limits: PortalLimits = PortalLimits()
    security: SecurityContact | None = Field(None, description="whom to tell of a weakness; shown in security.txt")
    mail: MailSettings | None = Field(None, description="without it nobody is offered e-mail")

    @property
    def site(self) -> str:
        """Return the address as people read it: without `https://`."""
        return urlsplit(self.base_url).netloc


def _is_loopback(host: str) -> bool:
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified
