"""Our own door for documents where it says no, where its twins say the same, and what publishing refuses it."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from tests.cast import ANNA, NOORD, NOW
from tests.index_town import CLINIC, OWN, a_study, with_instances
from tests.registries.own_door import OwnDoor, Settled, own_door, running_door
from tests.registries.stub import Entry

from beeldpas.domain.errors import Unavailable
from beeldpas.formats.fhir import text
from beeldpas.formats.fhir.bundles import transaction
from beeldpas.formats.fhir.manifest import read_manifest
from beeldpas.formats.fhir.publication import PublishingHospital
from beeldpas.formats.kos import read_kos
from beeldpas.portal.registries.question import Question, Signer


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnDoor]:
    with running_door(tmp_path_factory.mktemp("own")) as door:
        yield door


@pytest.fixture
async def own(running: OwnDoor) -> AsyncIterator[tuple[Settled, OwnDoor]]:
    running.reset()
    async with running.client(20.0) as client:
        yield own_door(running, client, Signer("", running.running.keys["portal"], lambda: NOW)), running


async def test_names_that_cannot_be_made_are_an_outage(own: tuple[Settled, OwnDoor]) -> None:
    registry, door = own
    await door.settle()
    door.running.pseudonyms.down = True
    with pytest.raises(Unavailable) as failed:
        await registry.reader.search(ANNA.bsn, OWN)
    assert (failed.value.source, failed.value.reason, failed.value.retryable) == ("register", "unavailable", True)


async def test_a_question_that_may_not_be_asked_is_refused(own: tuple[Settled, OwnDoor]) -> None:
    registry, _ = own
    doctor = Question("provider", "arts", "uzi.1", "Huisartsen Oost", "TREAT", "share", "patient")
    with pytest.raises(Unavailable) as failed:
        await registry.search(ANNA.bsn, doctor)
    assert (failed.value.reason, failed.value.retryable) == ("refused", False)
    signer = replace(registry.reader.signer, issuer=CLINIC)
    answer = await replace(registry, reader=replace(registry.reader, signer=signer)).search(ANNA.bsn, doctor)
    assert answer.studies == ()


async def test_both_twins_tell_our_readers_the_same(own: tuple[Settled, OwnDoor]) -> None:
    _, door = own
    door.entries = (Entry(a_study(ANNA.bsn), NOORD),)
    await door.settle()
    town = door.running
    listed = (await town.documents(ANNA.bsn, category="IMAGES")).json()
    fhir, kos = (one["resource"]["content"][0]["attachment"]["url"] for one in listed["entry"])
    one = read_manifest(text.parse((await town.fetch(fhir)).content), ANNA.bsn, date(2026, 11, 25))
    other = read_kos((await town.fetch(kos)).content, ANNA.bsn, date(2026, 11, 25))
    assert (one.custodian, [place.address for place in one.places]) == (
        other.custodian,
        [place.address for place in other.places],
    )
    assert [place.location for place in one.places] == [place.location for place in other.places]
    first, second = (
        replace(found.study, body_part="", series=tuple(replace(part, body_part="") for part in found.study.series))
        for found in (one, other)
    )
    assert first == second, "but for the body part, which has no code here that a DICOM file could hold"


def _spoiled(hospital: PublishingHospital, how: str) -> dict[str, Any]:
    study = with_instances(a_study(ANNA.bsn, reports=()))
    named = replace(study, study_uid="not.a.uid") if how == "no UID" else study
    bundle = transaction(hospital, [named])
    endpoint, entry = (one["resource"] for one in bundle["entry"])
    if how == "no modality":
        del entry["series"][0]["modality"]
    if how == "an address elsewhere":
        endpoint["address"] = "http://169.254.169.254/latest/meta-data"
    if how == "another custodian":
        entry["extension"][1]["valueIdentifier"]["value"] = "90000199"
    return bundle


@pytest.mark.parametrize(
    ("how", "status"),
    [("no UID", 422), ("no modality", 422), ("an address elsewhere", 403), ("another custodian", 403)],
)
async def test_what_no_story_can_be_told_of_is_refused_when_it_is_published(
    running: OwnDoor, how: str, status: int
) -> None:
    assert (
        await running.running.send("noord", _spoiled(running.running.hospital("noord"), how))
    ).status_code == status
