"""What a running gateway is made of; built once, in app.py."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import httpx2
from joserfc.jwk import KeySet
from sqlalchemy.ext.asyncio import AsyncEngine

from beeldpas.gateway.archives import Archives
from beeldpas.gateway.audit_repository import AuditRepository
from beeldpas.gateway.decoding.pool import Decoders
from beeldpas.gateway.dicomweb.viewing import Viewings
from beeldpas.gateway.leases import LeaseSigner
from beeldpas.gateway.objects.port import ObjectStore
from beeldpas.gateway.outbox import Outbox
from beeldpas.gateway.own_rules import OwnRules
from beeldpas.gateway.pacs.staging import Staging
from beeldpas.gateway.pump import Threads
from beeldpas.gateway.refusals import Refusals
from beeldpas.gateway.rooms import Rooms
from beeldpas.gateway.settings import GatewaySettings
from beeldpas.gateway.shelf import Shelf
from beeldpas.gateway.slots import Slots
from beeldpas.gateway.status import StatusBook, StatusPoller
from beeldpas.gateway.tokens import Trust
from beeldpas.gateway.transfers import Transfers
from beeldpas.gateway.uses import Uses
from beeldpas.gateway.watch import Watch
from beeldpas.gateway.witness import Witness


@dataclass(frozen=True, slots=True)
class House:
    """The parts of one gateway."""

    settings: GatewaySettings
    clock: Callable[[], datetime]
    engine: AsyncEngine
    store: ObjectStore
    threads: Threads
    keys: KeySet
    trust: Trust
    rules: OwnRules
    client: httpx2.AsyncClient
    statuses: StatusBook
    refusals: Refusals
    poller: StatusPoller
    transfers: Transfers
    watch: Watch
    leases: LeaseSigner
    slots: Slots
    archives: Archives
    shelf: Shelf
    uses: Uses
    outbox: Outbox
    witness: Witness
    viewings: Viewings
    rooms: Rooms
    decoders: Decoders
    staging: Staging
    audit_repository: AuditRepository | None
