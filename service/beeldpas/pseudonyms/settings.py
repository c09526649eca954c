"""What the process that makes names needs to know; each field is described in docs/operations.md."""

from pathlib import Path
from typing import Self

from limits import RateLimitItem, parse_many
from pydantic import Field, field_validator, model_validator

from beeldpas.formats.naming import MOST_AT_ONCE
from beeldpas.web.settings import FileSettings, Part

_THIS_MACHINE = ("127.0.0.1", "::1", "localhost")


class CallerSettings(Part):
    """A program that may ask: how it signs, and how many people it may ask about."""

    name: str = Field(pattern=r"^[a-z][a-z0-9-]{0,30}$", description="what its names differ by; never change it")
    issuer: str = Field(description="who its questions say they are from: its base_url")
    jwks_file: Path
    limit: str = Field("600/minute; 100000/day", description="people asked about, at most")

    @field_validator("limit")
    @classmethod
    def _a_limit(cls, value: str) -> str:
        if min(item.amount for item in parse_many(value)) < MOST_AT_ONCE:
            raise ValueError(f"a limit below {MOST_AT_ONCE} would refuse a single question")
        return value

    @property
    def limits(self) -> tuple[RateLimitItem, ...]:
        """The limits, each of which must hold."""
        return tuple(parse_many(self.limit))


class PseudonymsSettings(FileSettings):
    """Everything that the process needs to know at start."""

    state_dir: Path = Field(description="the keys, one file per caller; nobody else may read this folder")
    socket: Path | None = Field(None, description="the UNIX socket to answer on; its group may ask")
    host: str = "127.0.0.1"
    port: int | None = None
    tls_cert: Path | None = None
    tls_key: Path | None = None
    callers: tuple[CallerSettings, ...]

    @model_validator(mode="after")
    def _one_way_in(self) -> Self:
        if (self.socket is None) == (self.port is None):
            raise ValueError("either socket or port")
        if self.port is not None and self.host not in _THIS_MACHINE and self.tls_cert is None:
            raise ValueError("beyond this machine it answers over TLS only")
        for what in ("name", "issuer"):
            told = [getattr(caller, what) for caller in self.callers]
            if not told or len(set(told)) < len(told):
                raise ValueError(f"callers, each with a {what} of its own")
        return self

    def book_file(self, caller: str) -> Path:
        """Where the keys of a caller stand."""
        return self.state_dir / f"{caller}.keys.json"

    @property
    def fingerprint_file(self) -> Path:
        """Where the keys stand that fingerprints of birth date and sex are made with, for all callers."""
        return self.state_dir / "fingerprints.book.json"

    def standing_file(self, caller: str) -> Path:
        """Where the last report of a caller stands: how many rows it has under names by each key."""
        return self.state_dir / f"{caller}.standing.json"
