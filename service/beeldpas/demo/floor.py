"""The floor plan of one demo: who stands at which address, and where its files are.

Every program has a host name of its own, so that origins and cookies are as separate as in the world; the port that
people use and the port that the program listens on differ only where a relay stands in between.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from tempfile import gettempdir
from typing import Final, Literal

from beeldpas.demo.certificates import Certificates
from beeldpas.demo.curation import HOSPITALS, NOORD, OOST, WEST, Hospital

_LONGEST_SOCKET: Final = 100
ISSUERS: Final = ("digid", "zorg", "staff")
_MAILBOX: Final = "mail.localhost"
# With all kinds of registry: which of them is before which hospital. Our own one has what is left.
KINDS: Final[Mapping[str, Hospital]] = {"xds": NOORD, "mhd": WEST, "nvi": OOST}
Registries = Literal["one", "all"]


def places_of(registries: Registries) -> tuple[str, ...]:
    """Who has an address: with all kinds of registry a hospital more, and the registries that are not ours."""
    more = (OOST.gateway_id, *KINDS) if registries == "all" else ()
    return ("portal", "registry", *(one.gateway_id for one in HOSPITALS), *ISSUERS, *more)


def late_places(registries: Registries) -> tuple[str, ...]:
    """Who can be made late: every hospital and every registry."""
    return tuple(name for name in places_of(registries) if name not in ("portal", *ISSUERS))


def ports_needed(registries: Registries = "one") -> int:
    """One port for each place, a spare one behind each, one for the S3 server, two for the PACS and for the mails."""
    return 2 * len(places_of(registries)) + 5


@dataclass(frozen=True, slots=True)
class Place:
    """One program's address. `inner_port` is where it really listens."""

    name: str
    scheme: str
    port: int
    inner_port: int

    @property
    def host(self) -> str:
        """The host name, `noord.localhost`."""
        return f"{self.name}.localhost"

    @property
    def base_url(self) -> str:
        """The address that everybody uses, and the program's identifier."""
        return f"{self.scheme}://{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Floor:
    """All places, and the folder below which this demo keeps everything."""

    state: Path
    samples: Path
    tls: bool
    places: Mapping[str, Place]
    s3_port: int
    pacs_ports: tuple[int, int]
    mail_ports: tuple[int, int]
    registries: Registries = "one"
    certificates: Certificates = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "certificates", Certificates(self.state / "certificates"))

    @classmethod
    def plan(
        cls,
        state: Path,
        samples: Path,
        ports: list[int],
        *,
        tls: bool,
        behind_relay: frozenset[str] = frozenset(),
        registries: Registries = "one",
    ) -> "Floor":
        """Give every place its ports; those in `behind_relay` listen on their spare one."""
        names = places_of(registries)
        outer, inner, (s3_port, *others) = ports[: len(names)], ports[len(names) : -5], ports[-5:]
        scheme = "https" if tls else "http"
        places = {
            name: Place(name, scheme, port, spare if name in behind_relay else port)
            for name, port, spare in zip(names, outer, inner, strict=True)
        }
        pacs, mail = (others[0], others[1]), (others[2], others[3])
        return cls(state, samples, tls, places, s3_port, pacs, mail, registries)

    @property
    def hospitals(self) -> tuple[Hospital, ...]:
        """The hospitals that take part."""
        return (*HOSPITALS, OOST) if self.registries == "all" else HOSPITALS

    @property
    def gateways(self) -> tuple[str, ...]:
        """Their short names."""
        return tuple(hospital.gateway_id for hospital in self.hospitals)

    @property
    def kinds(self) -> Mapping[str, Hospital]:
        """The registries that are not ours, and before which hospital each is."""
        return KINDS if self.registries == "all" else {}

    @property
    def publishing(self) -> tuple[str, ...]:
        """The hospitals that tell our own registry what they have."""
        elsewhere = {hospital.gateway_id for hospital in self.kinds.values()}
        return tuple(name for name in self.gateways if name not in elsewhere)

    @property
    def asked_itself(self) -> tuple[str, ...]:
        """The hospitals of which an index says only that they have something."""
        return tuple(hospital.gateway_id for kind, hospital in self.kinds.items() if kind == "nvi")

    def __getitem__(self, name: str) -> Place:
        """The place of this name."""
        return self.places[name]

    def tls_files(self, place: Place) -> dict[str, Path]:
        """A place's own certificate and key, as settings name them; nothing without TLS."""
        if not self.tls:
            return {}
        return {"tls_cert": self.certificates.cert(place.host), "tls_key": self.certificates.key(place.host)}

    def folder(self, name: str) -> Path:
        """Where a program keeps its database, keys and settings."""
        return self.state / "programs" / name

    def config(self, name: str) -> Path:
        """A program's settings file."""
        return self.folder(name) / ("settings.json" if name in ISSUERS else "settings.toml")

    def keys(self, name: str) -> Path:
        """A program's private signing keys; the public half stands beside it."""
        return self.folder(name) / "keys.json"

    @property
    def names_socket(self) -> Path:
        """Where the process answers that makes names of numbers; it has no port and no host name.

        A socket's address has 108 bytes at most: below a deep folder it stands among the system's temporary files.
        """
        near = self.state / "names.sock"
        if len(os.fsencode(near)) < _LONGEST_SOCKET:
            return near
        return Path(gettempdir()) / f"beeldpas-{sha256(os.fsencode(near)).hexdigest()[:16]}.sock"

    @property
    def mails(self) -> str:
        """The page that shows what the portal mailed."""
        return f"http://{_MAILBOX}:{self.mail_ports[1]}"

    @property
    def logs(self) -> Path:
        """What every program prints."""
        return self.state / "logs"

    @property
    def hospitals_file(self) -> Path:
        """The hospital directory."""
        return self.state / "programs" / "hospitals.toml"

    @property
    def ca_file(self) -> Path | None:
        """What must be trusted, with TLS."""
        return self.certificates.ca_file if self.tls else None
