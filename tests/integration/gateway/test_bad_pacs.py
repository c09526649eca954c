"""A PACS that stops half-way, answers with somebody else's images or with none: nothing of that is ever served."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import BinaryIO

import pytest
from pydantic import TypeAdapter
from tests.bad_pacs import BadPacs, on_dimse, on_the_web
from tests.cast import BRAM, NOW
from tests.hospital_images import BRAMS_CT, HEAD_CT, ISSUER, image
from tests.hospital_index import TODAY, Index
from tests.hospital_notes import moved_to, rejection_note

from beeldpas.database.engine import transaction
from beeldpas.gateway import changes
from beeldpas.gateway.objects.port import ObjectFacts, full
from beeldpas.gateway.pacs import holds, queue
from beeldpas.gateway.pacs.caution import Caution
from beeldpas.gateway.pacs.holds import Progress
from beeldpas.gateway.pacs.open import open_pacs
from beeldpas.gateway.pacs.settings import AnyPacs, PacsLimits
from beeldpas.gateway.pacs.stager import Stager
from beeldpas.gateway.pacs.sync import Sync
from beeldpas.gateway.publishable import Own, studies_after

LIMITS = PacsLimits(attempts=3, retry_seconds=10)


class Staged:
    """The stager of a hospital, moved on by hand."""

    def __init__(self, hospital: Index, settings: dict[str, object], limits: PacsLimits) -> None:
        self.now = NOW
        self._hospital = hospital
        self.pacs = open_pacs(TypeAdapter(AnyPacs).validate_python(settings), None)
        self.switch = hospital.folder / "pacs-stop"
        caution, one = Caution(limits, hospital.folder), asyncio.Semaphore(1)
        self.sync = Sync(hospital.engine, self.pacs, caution, one, ISSUER, lambda: self.now)
        folder = hospital.folder / "staging"
        self.stager = Stager(
            hospital.engine, hospital.store, self.pacs, limits, caution, one, folder, ISSUER, lambda: self.now
        )

    async def share(self, hold: str = "share-1", days: int = 14) -> Progress:
        """Set a hold on Anna's study."""
        until = self.now + timedelta(days=days)
        async with transaction(self._hospital.engine) as connection:
            return (await holds.put(connection, ("portal", hold), [HEAD_CT], until, self.now, TODAY))[0]

    async def turn(self, **later: float) -> Progress:
        """Let time pass, and the stager do what is due; how far the study is then."""
        self.now += timedelta(**later)
        await self.stager.turn()
        await self.stager.settle()
        async with transaction(self._hospital.engine) as connection:
            return (await holds.progress(connection, [HEAD_CT], TODAY))[0]


def study(count: int = 3) -> list:
    return [image(HEAD_CT, 1, number) for number in range(1, count + 1)]


@asynccontextmanager
async def staged(hospital: Index, pacs: BadPacs, limits: PacsLimits = LIMITS) -> AsyncIterator[Staged]:
    """A hospital before this PACS, listed and shared already."""
    await hospital.crosswalk()
    with on_the_web(pacs):
        found = Staged(hospital, {"kind": "dicomweb", "base_url": pacs.base_url}, limits)
        await found.sync.run()
        assert (await found.share()).state == "queued"
        yield found
        await asyncio.to_thread(found.pacs.close)


async def test_a_transfer_that_is_no_whole_study_is_tried_again_ever_later_and_never_served(hospital: Index) -> None:
    faults = ["cut", "no_end", "nothing", "204", "404", "500", "html", "fewer"]
    pacs = BadPacs(study(), faults=faults.copy())
    async with staged(hospital, pacs, LIMITS.model_copy(update={"attempts": 9})) as noord:
        for fault in faults:
            assert pacs.faults[0] == fault
            assert (await noord.turn(minutes=11)).state == "queued", fault
            assert await hospital.served(HEAD_CT) == {}, fault
        assert (await noord.turn(minutes=9)).state == "queued", "not before its time"
        assert await noord.turn(minutes=2) == Progress(HEAD_CT, "held", 3, 3)
    assert await hospital.served(HEAD_CT) == {HEAD_CT: 3}
    assert not list((hospital.folder / "staging").iterdir())


async def test_who_fails_too_often_rests_and_is_tried_again_for_somebody_new(hospital: Index) -> None:
    pacs = BadPacs(study(), faults=["cut"] * 3)
    async with staged(hospital, pacs) as noord:
        assert [(await noord.turn(minutes=1)).state for _ in range(3)] == ["queued", "queued", "failed"]
        assert (await noord.share()).state == "failed", "asking how far it is does not begin anew"
        assert (await noord.share("share-2")).state == "queued"
        assert (await noord.turn()).state == "held"


@pytest.mark.parametrize("whose", ["study", "patient"])
async def test_a_foreign_study_or_patient_is_not_kept_and_not_tried_again(hospital: Index, whose: str) -> None:
    foreign = image(BRAMS_CT, 1, 1) if whose == "study" else image(HEAD_CT, 1, 2, BRAM)
    pacs = BadPacs(study(), instead=[*study(2), foreign])
    async with staged(hospital, pacs) as noord:
        assert (await noord.turn()).state == "failed"
        assert (await noord.turn(minutes=10)).state == "failed"
    assert pacs.asked.count("fetch") == 1
    assert (await hospital.served(HEAD_CT, BRAMS_CT), list(hospital.files.rglob("*.*"))) == ({}, [])


async def test_a_study_that_the_crosswalk_contradicts_is_fetched_for_nobody(hospital: Index) -> None:
    born_otherwise = study()
    for one in born_otherwise:
        one.PatientBirthDate = "19191119"
    pacs = BadPacs(study(), instead=born_otherwise)
    async with staged(hospital, pacs) as noord:
        assert (await noord.turn()).state == "missing"
    assert await hospital.withheld() == {HEAD_CT: "birth_date_differs"}


async def test_the_kill_switch_and_quiet_hours_leave_the_pacs_alone(hospital: Index) -> None:
    limits = LIMITS.model_copy(update={"quiet_from": NOW.time().replace(hour=22), "quiet_until": NOW.time()})
    pacs = BadPacs(study())
    async with staged(hospital, pacs, limits) as noord:
        noord.switch.touch()
        assert (await noord.turn()).state == "queued"
        noord.switch.unlink()
        noord.now = NOW.replace(hour=23)  # midnight in Amsterdam
        assert (await noord.turn()).state == "queued"
        assert "fetch" not in pacs.asked
        assert (await noord.turn(hours=11)).state == "held"


async def test_a_patient_costs_the_pacs_so_many_bytes_a_day(hospital: Index) -> None:
    pacs = BadPacs(study(), faults=["cut"])
    async with staged(hospital, pacs, LIMITS.model_copy(update={"patient_day_bytes": 1})) as noord:
        assert (await noord.turn()).state == "queued"
        assert (await noord.turn(hours=2)).state == "queued"
        assert pacs.asked.count("fetch") == 1
        assert (await noord.turn(days=1)).state == "held"


async def test_what_nobody_wants_any_more_is_removed_and_nothing_else(hospital: Index) -> None:
    pacs = BadPacs(study())
    own = hospital.files / "own.dcm"
    image(HEAD_CT, 1, 9).save_as(own)
    async with staged(hospital, pacs) as noord:
        assert (await noord.turn()).state == "held"
        assert own.exists() and len(list(hospital.files.rglob("*.*"))) > 1
        assert (await noord.turn(days=15)).state == "queued"
    assert list(hospital.files.rglob("*.*")) == [own]
    assert await hospital.served(HEAD_CT) == {}


async def test_a_study_that_grew_is_fetched_once_more_and_served_meanwhile(hospital: Index) -> None:
    pacs = BadPacs(study())
    async with staged(hospital, pacs) as noord:
        await noord.turn()
        pacs.images.append(image(HEAD_CT, 1, 4))
        await noord.sync.run(everybody=True)
        assert await hospital.served(HEAD_CT) == {HEAD_CT: 3}
        assert await noord.turn() == Progress(HEAD_CT, "held", 4, 4)
    assert await hospital.served(HEAD_CT) == {HEAD_CT: 4}


async def test_a_rejection_note_in_the_pacs_counts_here_and_goes_with_the_study(hospital: Index) -> None:
    pacs = BadPacs([*study(), rejection_note(HEAD_CT, f"{HEAD_CT}.1.2")])
    async with staged(hospital, pacs) as noord:
        assert await noord.turn() == Progress(HEAD_CT, "held", 2, 2)
        assert await hospital.served(HEAD_CT) == {HEAD_CT: 2}
        await noord.share(days=-1)
        await noord.turn(minutes=20)
    assert not [path for path in hospital.files.rglob("*") if path.is_file()]


async def test_a_study_that_the_pacs_moved_to_another_patient_is_none_of_the_share_any_more(hospital: Index) -> None:
    pacs = BadPacs(study())
    async with staged(hospital, pacs) as noord:
        confirmed = await hospital.generation()
        pacs.images = [moved_to(one, BRAM) for one in study()]
        await noord.sync.run()
    async with transaction(hospital.engine) as connection:
        assert await changes.not_for(connection, [HEAD_CT], confirmed) == {HEAD_CT}


async def test_a_pacs_that_stops_mid_transfer_over_dimse_is_tried_again(hospital: Index) -> None:
    await hospital.crosswalk()
    pacs = BadPacs(study(), faults=["cut", "nothing"])
    with on_dimse(pacs) as port:
        settings = {"kind": "dimse", "host": "127.0.0.1", "port": port, "called_aet": "BADPACS", "timeout_seconds": 5}
        noord = Staged(hospital, settings, LIMITS)
        await noord.sync.run()
        await noord.share()
        assert (await noord.turn()).state == "queued"
        assert (await noord.turn(minutes=1)).state == "queued"
        assert await hospital.served(HEAD_CT) == {}
        assert (await noord.turn(minutes=1)).state == "held"


async def test_a_store_without_room_is_tried_again_and_half_a_study_is_served_to_nobody(
    hospital: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    put, times = hospital.store.put, iter(range(100))

    def full_once(key: str, content: BinaryIO, size: int) -> ObjectFacts:
        if next(times) == 1:
            raise full()
        return put(key, content, size)

    monkeypatch.setattr(hospital.store, "put", full_once)
    two_series = [*study(2), image(HEAD_CT, 2, 1)]
    async with staged(hospital, BadPacs(two_series)) as noord:
        assert (await noord.turn()).state == "queued"
        assert list(hospital.files.rglob("*.pack")), "one of the two series found room"
        assert await hospital.served(HEAD_CT) == {}
        assert await noord.turn(seconds=11) == Progress(HEAD_CT, "held", 3, 3)
        assert (await noord.turn(days=15)).state == "queued"
    assert not list(hospital.files.rglob("*.pack")), "what the first try stored goes too"


async def test_what_was_under_way_when_the_program_was_killed_begins_anew(hospital: Index) -> None:
    async with staged(hospital, BadPacs(study())) as noord:
        async with transaction(hospital.engine) as connection:
            assert await queue.take(connection, noord.now)
        assert (await noord.turn(minutes=1)).state == "fetching", "nobody is at it"
        running = asyncio.create_task(noord.stager.run())
        for _ in range(400):
            if (await noord.share()).state == "held":
                break
            await asyncio.sleep(0.05)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    assert await hospital.served(HEAD_CT) == {HEAD_CT: 3}


async def test_only_what_is_new_is_listed_again_and_what_is_gone_goes(hospital: Index) -> None:
    pacs = BadPacs(study())
    await hospital.crosswalk()
    with on_the_web(pacs):
        noord = Staged(hospital, {"kind": "dicomweb", "base_url": pacs.base_url}, LIMITS)
        first, second = await noord.sync.run(), await noord.sync.run()
        assert (first.patients, first.changed) == (2, 1)
        assert (second.patients, second.changed, pacs.asked.count("series")) == (0, 0, 1)
        assert await publishable(hospital) == {HEAD_CT: 3}
        pacs.is_gone = True
        assert (await noord.sync.run()).lost == 0
        assert (await noord.sync.run(everybody=True)).lost == 1
        assert await publishable(hospital) == {}
        await asyncio.to_thread(noord.pacs.close)


async def publishable(hospital: Index) -> dict[str, int]:
    """The studies that the registry would be told, with how many instances."""
    async with transaction(hospital.engine) as connection:
        found = await studies_after(connection, "", 100, Own("law", frozenset()), NOW)
    return {one.study_uid: sum(series.instances for series in one.series) for one in found}
