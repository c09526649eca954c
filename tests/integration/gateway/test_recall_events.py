"""Events of a recall on both databases: from what was delivered before, from what ended after, and each once."""

from __future__ import annotations

import pytest
from tests.cast import BRAM, DEKKER, NOW
from tests.hospital_images import HEAD_CT, image, save
from tests.hospital_index import Index
from tests.hospital_notes import moved_to, rejection_note

from beeldpas.audit.events import Use as UseKind
from beeldpas.database.engine import transaction
from beeldpas.domain.grant import Receiver
from beeldpas.formats.evidence import QUALITY, SAFETY
from beeldpas.gateway import deliveries, recall
from beeldpas.gateway.deliveries import Seen
from beeldpas.gateway.uses import Holder, Use, Uses

FIRST, SECOND = f"{HEAD_CT}.1.1", f"{HEAD_CT}.1.2"


class Noord:
    """Anna's two slices, and a gateway that writes down who got them."""

    def __init__(self, hospital: Index) -> None:
        self.hospital = hospital
        self.uses = Uses(hospital.engine, "noord", "Ziekenhuis Noord", lambda: NOW)

    async def begin(self, grant: str, *instances: str) -> Use:
        holder = Holder("portal", grant, "receiver", Receiver("verified", *DEKKER), "TREAT", "share")
        seen = Seen(instances=instances)
        return await self.uses.begin(UseKind.DOWNLOAD, holder, [HEAD_CT], seen)

    async def deliver(self, grant: str, *instances: str, outcome: str = "completed", sent: int = 1000) -> None:
        await self.uses.end(await self.begin(grant, *instances), outcome, sent)  # type: ignore[arg-type]

    async def take_back(self, code: str, *sop_uids: str, number: int = 1) -> None:
        save(rejection_note(HEAD_CT, *sop_uids, code=code, number=number), self.hospital.files)
        await self.hospital.ingest()

    async def told(self) -> list[tuple[str, str, str, tuple[str, ...]]]:
        async with transaction(self.hospital.engine) as connection:
            await recall.catch_up(connection, NOW)
            found = await recall.listing(connection)
        return sorted((one["grant"], one["reason"], one["code"], tuple(one["instances"])) for one in found)


@pytest.fixture
async def noord(hospital: Index) -> Noord:
    for number in (1, 2):
        save(image(HEAD_CT, 1, number), hospital.files)
    await hospital.crosswalk()
    await hospital.ingest()
    return Noord(hospital)


async def test_whole_cut_and_revoked_deliveries_count_and_those_of_no_byte_do_not(noord: Noord) -> None:
    for grant, outcome in (("whole", "completed"), ("cut", "cut"), ("stopped", "revoked")):
        await noord.deliver(grant, outcome=outcome)
    await noord.deliver("nothing", outcome="cut", sent=0)
    await noord.take_back(SAFETY, SECOND)
    await noord.deliver("later")
    expected = [(grant, "rejected", SAFETY, (SECOND,)) for grant in ("cut", "stopped", "whole")]
    assert await noord.told() == expected == await noord.told()


async def test_a_delivery_that_ends_after_the_rejection_is_told_at_its_end(noord: Noord) -> None:
    running = await noord.begin("running")
    await noord.take_back(QUALITY, SECOND)
    assert await noord.told() == []
    await noord.uses.end(running, "completed", 1000)
    assert await noord.told() == [("running", "rejected", QUALITY, (SECOND,))]


async def test_two_notes_are_two_events_and_a_graver_word_is_one_more(noord: Noord) -> None:
    await noord.deliver("whole")
    await noord.take_back(QUALITY, FIRST)
    await noord.take_back(QUALITY, SECOND, number=2)
    await noord.take_back(SAFETY, SECOND, number=3)
    assert await noord.told() == [
        ("whole", "rejected", QUALITY, (FIRST,)),
        ("whole", "rejected", QUALITY, (SECOND,)),
        ("whole", "rejected", SAFETY, (SECOND,)),
    ]


async def test_only_who_got_that_very_image_and_that_very_version(noord: Noord) -> None:
    await noord.deliver("first", FIRST)
    await noord.deliver("second", SECOND)
    better = image(HEAD_CT, 1, 2)
    better.SeriesDescription = "corrected"
    save(better, noord.hospital.files)
    await noord.hospital.ingest()
    await noord.deliver("corrected", SECOND)
    assert await noord.told() == [("second", "corrected", "", (SECOND,))]


async def test_a_move_concerns_the_whole_study_and_a_doubt_nobody_yet(noord: Noord) -> None:
    await noord.deliver("first", FIRST)
    save(moved_to(image(HEAD_CT, 1, 1), BRAM), noord.hospital.files)
    await noord.hospital.ingest()
    assert await noord.hospital.withheld() == {HEAD_CT: "two_patients_in_study"}
    assert {reason for _, reason, _, _ in await noord.told()} == {"corrected"}
    save(moved_to(image(HEAD_CT, 1, 2), BRAM), noord.hospital.files)
    await noord.hospital.ingest()
    assert ("first", "moved", "", ()) in await noord.told()


async def test_the_last_whole_download_of_a_grant_is_what_the_next_is_compared_with(noord: Noord) -> None:
    async def earlier(grant: str) -> int | None:
        async with transaction(noord.hospital.engine) as connection:
            return await deliveries.earlier_generation(connection, "portal", grant)

    await noord.deliver("cut", outcome="cut")
    await noord.deliver("whole")
    first = await noord.hospital.generation()
    save(image(HEAD_CT, 1, 3), noord.hospital.files)
    await noord.hospital.ingest()
    part = await noord.begin("whole")
    await noord.uses.end(part, "cut", 10)
    assert (await earlier("cut"), await earlier("whole"), await earlier("new")) == (None, first, None)
