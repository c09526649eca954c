"""One entry as it is kept, whatever kind it is."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Kept:
    """`key` is the study UID, the report's identifier or the gateway's id; `withheld` says from whom, if anybody."""

    entry_id: str
    gateway_id: str
    key: str
    version: int
    updated_at: datetime
    resource: str
    withheld: tuple[str, ...] = ()
