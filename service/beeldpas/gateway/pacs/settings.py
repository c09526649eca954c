"""How the hospital's PACS is reached and how carefully it is treated; docs/operations.md describes each field."""

from datetime import time
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator

from beeldpas.web.settings import Part


class PacsLimits(Part):
    """What the PACS may be asked, so that its own users never notice."""

    associations: int = Field(default=1, gt=0, le=16, description="connections at a time, to list and to fetch")
    patient_day_bytes: int = Field(default=20_000_000_000, gt=0, description="bytes of one patient in one day")
    quiet_from: time | None = Field(default=None, description="from this time of day nothing is asked of the PACS")
    quiet_until: time | None = Field(default=None, description="until this one; may lie past midnight")
    time_zone: str = "Europe/Amsterdam"
    kill_switch_file: Path | None = Field(default=None, description="while this file is there nothing is asked")
    attempts: int = Field(default=5, gt=0, description="tries at one study before it counts as failed")
    retry_seconds: float = Field(default=10, gt=0, description="before the second try; doubled for each one after it")

    @field_validator("time_zone")
    @classmethod
    def _a_zone(cls, value: str) -> str:
        ZoneInfo(value)
        return value


class PacsSettings(Part):
    """What all kinds of PACS have in common."""

    timeout_seconds: float = Field(default=30, gt=0, description="for connecting, and for every wait")
    sync_minutes: int = Field(default=60, ge=0, description="how often it is asked what is new; 0: never")
    limits: PacsLimits = PacsLimits()


class DicomwebPacsSettings(PacsSettings):
    """A PACS that speaks DICOMweb."""

    kind: Literal["dicomweb"]
    base_url: str
    username: str = ""
    password_file: Path | None = None


class DimsePacsSettings(PacsSettings):
    """A PACS that speaks DIMSE."""

    kind: Literal["dimse"]
    host: str
    port: int
    called_aet: str = Field(max_length=16)
    calling_aet: str = Field(default="BEELDPAS", max_length=16)


AnyPacs = Annotated[DicomwebPacsSettings | DimsePacsSettings, Field(discriminator="kind")]
