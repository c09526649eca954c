"""A portal that is away for three days: nothing is lost, nothing is told twice, and it is not asked without pause."""

import json
from datetime import datetime, timedelta

import httpx2
from joserfc.jwk import KeySet
from tests.cast import NOW
from tests.hospital_images import HEAD_CT
from tests.hospital_index import Index

from beeldpas.audit.events import Use as UseKind
from beeldpas.database.engine import transaction
from beeldpas.domain.grant import Receiver
from beeldpas.formats import jose
from beeldpas.gateway import access_log
from beeldpas.gateway.outbox import Outbox
from beeldpas.gateway.settings import IssuerSettings
from beeldpas.gateway.tokens import TrustedIssuer
from beeldpas.gateway.uses import Holder, Uses

PORTAL = "https://portal.example"
HOLDER = Holder(PORTAL, "grant-1", "r-1", Receiver("patient", "Anna", ""), "PATRQT", "own")
DOWNLOADS = 60  # two events each: more than one message takes


class Clock:
    """Time as the test wants it."""

    now = NOW

    def __call__(self) -> datetime:
        return self.now


class Away:
    """A portal that does not answer until it is back, and then stores each event."""

    def __init__(self) -> None:
        self.is_back = False
        self.asked = 0
        self.stored: list[dict] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.asked += 1
        if not self.is_back:
            return httpx2.Response(502)
        events = json.loads(jose._decode(request.content.decode().split(".")[1]))["events"]
        self.stored += events
        return httpx2.Response(200, json={"stored": [event["event_id"] for event in events], "refused": []})


async def test_a_portal_that_is_away_for_days_hears_everything_once_and_both_logs_are_alike(
    hospital: Index, tmp_path
) -> None:
    clock, portal, key = Clock(), Away(), KeySet([jose.new_key("noord-1")])
    settings = IssuerSettings(
        iss=PORTAL,
        keys_file=tmp_path,
        status_uri=f"{PORTAL}/status/noord",
        token_endpoint=f"{PORTAL}/token",
        uses_endpoint=f"{PORTAL}/uses",
        bases=frozenset({"own"}),
    )
    client = httpx2.AsyncClient(transport=httpx2.MockTransport(portal))
    outbox = Outbox(
        hospital.engine, client, {PORTAL: TrustedIssuer(settings, key)}, "https://noord.example", key, clock
    )
    uses = Uses(hospital.engine, "noord", "Ziekenhuis Noord", clock)
    for _ in range(DOWNLOADS):
        await uses.end(await uses.begin(UseKind.DOWNLOAD, HOLDER, [HEAD_CT]), "completed", 100)
        clock.now += timedelta(milliseconds=1)
    while clock.now < NOW + timedelta(hours=3):
        await outbox.send_waiting()
        clock.now += timedelta(minutes=2)
    clock.now = NOW + timedelta(days=3)
    assert portal.asked < 3 * 60 * 2, "it is asked every five minutes at most, message by message"
    assert await outbox.waiting() == 2 * DOWNLOADS
    portal.is_back = True
    assert await outbox.send_waiting() == 2 * DOWNLOADS
    assert await outbox.send_waiting() == 0
    async with transaction(hospital.engine) as connection:
        own = [
            (row["event_id"], row["kind"], row["phase"], row["outcome"]) for row in await access_log.rows(connection)
        ]
    told = [(event["event_id"], event["kind"], event["phase"], event["outcome"]) for event in portal.stored]
    assert sorted(told) == sorted(own)
    assert len(own) == 2 * DOWNLOADS
