"""A hospital with real files in a folder tells a real registry what it has: all of it, once, and no more."""

import csv
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pydicom
import pytest
from pydicom.data import get_testdata_file
from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.responses import Response
from tests.cast import NOORD
from tests.index_town import Town, new_uid, registry_town, somebody

from beeldpas.database.engine import open_engine, transaction
from beeldpas.domain.bsn import BSN
from beeldpas.domain.errors import Malformed, Refused, Unavailable
from beeldpas.formats.fhir.bundles import conditional_url
from beeldpas.formats.fhir.publication import PublishedStudy, uid_identifier
from beeldpas.gateway import crosswalk, quarantine
from beeldpas.gateway.app import open_database
from beeldpas.gateway.ingest import Ingest
from beeldpas.gateway.objects.open import open_store
from beeldpas.gateway.publish import Published, publish
from beeldpas.gateway.publishable import Own, studies_after
from beeldpas.gateway.settings import GatewaySettings
from beeldpas.gateway.verifying import Verified, verify
from beeldpas.registry.store.tables import entry_place, imaging_study


@pytest.fixture(scope="module")
def town(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with registry_town(database_url, tmp_path_factory.mktemp("town")) as town:
        yield town


@dataclass(slots=True)
class Ward:
    """Ziekenhuis Noord: its folder of files, its crosswalk and its index."""

    settings: GatewaySettings
    engine: AsyncEngine
    files: Path
    town: Town
    waits: list[float]

    def put(self, number: str, *, study_uid: str = "", institution: str = NOORD.name, **header: str) -> str:
        """Lay a real CT image in the folder, as of the patient with this local number; return its study's UID."""
        image = pydicom.dcmread(str(get_testdata_file("CT_small.dcm")))
        image.StudyInstanceUID, image.SeriesInstanceUID = study_uid or new_uid(), new_uid()
        image.SOPInstanceUID = image.file_meta.MediaStorageSOPInstanceUID = new_uid()
        image.PatientID, image.IssuerOfPatientID, image.InstitutionName = number, "ZH-NOORD", institution
        image.PatientName, image.PatientBirthDate, image.PatientSex = "Jansen^Anna", "19520308", "F"
        for name, value in header.items():
            setattr(image, name, value)
        image.save_as(self.files / f"{image.SOPInstanceUID}.dcm")
        return str(image.StudyInstanceUID)

    async def know(self, number: str, bsn: BSN, birth_date: str = "1952-03-08") -> None:
        """Import one line of master data."""
        file = self.files.parent / "crosswalk.csv"
        with file.open("w", newline="") as rows:
            writer = csv.writer(rows)
            writer.writerow(crosswalk.COLUMNS)
            writer.writerow(["ZH-NOORD", number, bsn.reveal(), birth_date, "Jansen^Anna", "F", ""])
        with file.open(newline="") as rows:
            new, _faults = crosswalk.read_csv(rows)
        async with transaction(self.engine) as connection:
            changed = crosswalk.combine(await quarantine.all_patients(connection), new, correct=True)
            await quarantine.keep_patients(connection, changed.values())
            await quarantine.match(connection)

    async def ingest(self) -> None:
        await Ingest(self.engine, open_store(self.settings), "ZH-NOORD").from_store()

    async def publish(self, settings: GatewaySettings | None = None, *, again: bool = False) -> Published:
        await self.ingest()

        async def waited(seconds: float) -> None:
            self.waits.append(seconds)

        return await publish(settings or self.settings, self.engine, self.town.clock, pause=waited, again=again)

    async def verify(self) -> Verified:
        return await verify(self.settings, self.engine, self.town.clock)

    async def studies(self) -> list[PublishedStudy]:
        """What this hospital would tell the registry now."""
        own = Own("consent", frozenset({NOORD.name.casefold()}))
        async with transaction(self.engine) as connection:
            return await studies_after(connection, "", 100, own, self.town.clock())

    async def registered(self, bsn: BSN) -> dict[str, dict[str, Any]]:
        bundle = (await self.town.search(bsn)).json()
        found = [one["resource"] for one in bundle.get("entry", [])]
        return {
            one["identifier"][0]["value"].removeprefix("urn:oid:"): one
            for one in found
            if one["resourceType"] == "ImagingStudy"
        }


@pytest.fixture
async def ward(town: Town, new_database, tmp_path: Path) -> AsyncIterator[Ward]:
    settings = GatewaySettings(
        gateway_id="noord",
        hospital=NOORD.name,
        ura=NOORD.ura,
        phone="0800 0100",
        base_url=town.addresses["noord"],
        state_dir=tmp_path / "state",
        database_url=new_database("sqlite"),
        key_file=town.hospitals_file.parent / "noord.json",
        lease_keys_file=tmp_path / "leases",
        local_issuer="ZH-NOORD",
        objects={"kind": "folder", "root": tmp_path / "files"},
        issuers=(),
        registry={"base_url": town.base_url, "publication_basis": "consent"},
    )
    (tmp_path / "files").mkdir()
    town.moods.clear()
    engine = open_database(settings)
    yield Ward(settings, engine, tmp_path / "files", town, [])
    await engine.dispose()


async def test_what_a_hospital_has_stands_in_the_registry(ward: Ward) -> None:
    anna = somebody()
    study_uid = ward.put("77")
    ward.put("77", study_uid=study_uid)
    await ward.know("77", anna)
    assert await ward.publish() == Published(told=1)
    entry = (await ward.registered(anna))[study_uid]
    assert (entry["started"], entry["numberOfInstances"], entry["numberOfSeries"]) == ("2004-01-19", 2, 2)
    assert [one["code"] for one in entry["modality"]] == ["CT"]
    assert entry["meta"]["tag"][0]["code"] == "consent"
    assert entry["extension"][0]["valueBoolean"] is True


async def test_a_copy_that_came_from_elsewhere_says_so(ward: Ward) -> None:
    anna = somebody()
    study_uid = ward.put("77", institution="Ziekenhuis Oost")
    await ward.know("77", anna)
    await ward.publish()
    assert (await ward.registered(anna))[study_uid]["extension"][0]["valueBoolean"] is False


async def test_publishing_again_tells_only_what_is_new(ward: Ward) -> None:
    anna = somebody()
    ward.put("77")
    await ward.know("77", anna)
    await ward.publish()
    assert await ward.publish() == Published(unchanged=1)
    new = ward.put("77")
    assert await ward.publish() == Published(told=1, unchanged=1)
    assert new in await ward.registered(anna)


async def test_what_the_registry_has_right_is_left_alone(ward: Ward) -> None:
    await ward.verify()  # what other stories left of this hospital goes
    anna = somebody()
    ward.put("77")
    ward.put("77")
    await ward.know("77", anna)
    await ward.publish()
    versions = {one["meta"]["versionId"] for one in (await ward.registered(anna)).values()}
    assert await ward.verify() == Verified(right=2)
    assert {one["meta"]["versionId"] for one in (await ward.registered(anna)).values()} == versions == {"1"}


async def test_what_differs_between_registry_and_hospital_is_found_and_put_right(ward: Ward) -> None:
    await ward.verify()
    anna, bram = somebody(), somebody()
    lost, altered, moved = ward.put("77"), ward.put("77"), ward.put("77")
    await ward.know("77", anna)
    await ward.publish()
    told = {one.study_uid: one for one in await ward.studies()}
    strange = replace(told[altered], study_uid=new_uid(), series=())
    await ward.town.publish("noord", replace(told[altered], description="not what the hospital has"))
    await ward.town.publish("noord", replace(told[moved], bsn=bram))
    await ward.town.publish("noord", strange)
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [taken_out(lost)]}
    assert (await ward.town.send("noord", bundle)).status_code == 200
    assert set(await ward.registered(anna)) == {altered, strange.study_uid}

    assert await ward.verify() == Verified(right=0, missing=1, different=1, of_another=1, left_over=1)
    assert set(await ward.registered(anna)) == {lost, altered, moved}
    assert await ward.registered(bram) == {}
    assert (await ward.registered(anna))[altered].get("description", "") == told[altered].description
    assert await ward.verify() == Verified(right=3)


async def test_verifying_withdraws_what_the_hospital_has_no_more(ward: Ward) -> None:
    await ward.verify()
    anna = somebody()
    study_uid = ward.put("77")
    await ward.know("77", anna)
    await ward.publish()
    for file in ward.files.glob("*.dcm"):
        file.unlink()
    ward.put("78")
    await ward.ingest()
    assert await ward.verify() == Verified(right=0)
    assert study_uid not in await ward.registered(anna)


def naming(ward: Ward) -> None:
    """From now on this hospital names every instance."""
    assert ward.settings.registry is not None
    told = ward.settings.registry.model_copy(update={"publish_instances": True})
    ward.settings = ward.settings.model_copy(update={"registry": told})


async def test_a_hospital_that_names_its_instances_names_every_one_and_verifies_them(ward: Ward) -> None:
    await ward.verify()
    anna = somebody()
    study_uid = ward.put("77")
    ward.put("77", study_uid=study_uid)
    await ward.know("77", anna)
    assert await ward.publish() == Published(told=1)
    naming(ward)
    assert await ward.publish() == Published(told=1), "a list of instances is news"
    assert await ward.publish() == Published(unchanged=1)
    entry = (await ward.registered(anna))[study_uid]
    own = (await ward.town.read("noord", f"ImagingStudy/{entry['id']}")).json()
    named = {one["uid"] for series in own["series"] for one in series["instance"]}
    assert named == {file.stem for file in ward.files.glob("*.dcm")} and len(named) == 2
    assert await ward.verify() == Verified(right=1)


async def test_more_instances_than_a_message_takes_go_in_several(ward: Ward, monkeypatch: pytest.MonkeyPatch) -> None:
    anna = somebody()
    naming(ward)
    for _ in range(3):
        ward.put("77")
    await ward.know("77", anna)
    monkeypatch.setattr("beeldpas.gateway.publish.MOST_LISTED", 1)
    ward.town.moods.extend([None, None, Response(status_code=422)])
    done = await ward.publish()
    assert (done.told, len(done.refused)) == (2, 1), "the endpoint, then each study alone"


async def test_a_study_of_more_than_an_index_takes_is_told_without_them(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    naming(ward)
    study_uid = ward.put("77")
    ward.put("77", study_uid=study_uid)
    ward.put("77")
    await ward.know("77", somebody())
    await ward.ingest()
    monkeypatch.setattr("beeldpas.gateway.publishable_instances.MOST", 1)
    own = Own("consent", frozenset(), lists=True)
    async with transaction(ward.engine) as connection:
        told = await studies_after(connection, "", 100, own, ward.town.clock())
    assert {one.study_uid == study_uid: one.listed for one in told} == {True: 0, False: 1}


def taken_out(study_uid: str) -> dict[str, Any]:
    url = conditional_url("ImagingStudy", uid_identifier(study_uid))
    return {"request": {"method": "DELETE", "url": url}}


async def test_a_registry_that_lost_everything_is_told_everything_again(ward: Ward) -> None:
    anna = somebody()
    ward.put("77")
    await ward.know("77", anna)
    await ward.publish()
    engine = open_engine(ward.town.settings.database_url)
    async with transaction(engine) as connection:
        for table in (imaging_study, entry_place):
            await connection.execute(delete(table))
    await engine.dispose()
    assert await ward.registered(anna) == {}
    assert await ward.publish() == Published(unchanged=1)
    assert await ward.publish(again=True) == Published(told=1)
    assert len(await ward.registered(anna)) == 1


async def test_what_the_crosswalk_does_not_vouch_for_is_never_told(ward: Ward) -> None:
    anna = somebody()
    unmapped, contradicting = ward.put("78"), ward.put("77", PatientBirthDate="19610101")
    await ward.know("77", anna)
    assert await ward.publish() == Published()
    assert await ward.registered(anna) == {}
    assert unmapped != contradicting


async def test_what_turns_out_to_be_wrong_is_withdrawn_and_comes_back_when_it_is_right(ward: Ward) -> None:
    anna = somebody()
    study_uid = ward.put("77")
    await ward.know("77", anna)
    await ward.publish()
    await ward.know("77", anna, birth_date="1961-01-01")
    assert await ward.publish() == Published(withdrawn=1)
    assert await ward.registered(anna) == {}
    assert await ward.publish() == Published()
    await ward.know("77", anna)
    assert await ward.publish() == Published(told=1)
    assert study_uid in await ward.registered(anna)


async def test_a_patient_who_was_mixed_up_takes_the_studies_along(ward: Ward) -> None:
    anna, bram = somebody(), somebody()
    study_uid = ward.put("77")
    await ward.know("77", anna)
    await ward.publish()
    await ward.know("77", bram)
    await ward.publish()
    assert await ward.registered(anna) == {}
    assert study_uid in await ward.registered(bram)


async def test_one_study_that_the_registry_refuses_keeps_no_other_back(ward: Ward) -> None:
    anna = somebody()
    good = [ward.put("77") for _ in range(4)]
    bad = ward.put("77", StudyDescription=f"CT {anna.reveal()}")
    await ward.know("77", anna)
    done = await ward.publish()
    assert (done.told, [study for study, _ in done.refused]) == (4, [bad])
    assert "BSN" in done.refused[0][1] and anna.reveal() not in done.refused[0][1]
    assert sorted(await ward.registered(anna)) == sorted(good)


async def test_an_odd_header_does_not_stop_a_study(ward: Ward) -> None:
    anna = somebody()
    study_uid = ward.put("77", StudyDescription="CT\tthorax\r\n  met  ", StudyDate="", Laterality="L")
    await ward.know("77", anna)
    assert (await ward.publish()).told == 1
    entry = (await ward.registered(anna))[study_uid]
    assert "started" not in entry
    assert entry["description"] == "CT thorax met"


# A registry that does not do its part


async def test_a_busy_registry_is_asked_again_after_a_while(ward: Ward) -> None:
    anna = somebody()
    study_uid = ward.put("77")
    await ward.know("77", anna)
    ward.town.moods.extend([Response(status_code=503), Response(status_code=429, headers={"Retry-After": "7"})])
    assert (await ward.publish()).told == 1
    assert ward.waits == [1.0, 7.0]
    assert study_uid in await ward.registered(anna)


async def test_a_token_that_ran_out_under_way_is_renewed(ward: Ward) -> None:
    ward.town.moods.extend([Response(status_code=401)])
    ward.put("77")
    await ward.know("77", somebody())
    assert (await ward.publish()).told == 1


async def test_what_was_taken_before_the_registry_failed_is_not_sent_again(ward: Ward, monkeypatch) -> None:
    monkeypatch.setattr("beeldpas.gateway.publish.BATCH", 2)
    anna = somebody()
    for _ in range(5):
        ward.put("77")
    await ward.know("77", anna)
    failing = [Response(status_code=500) for _ in range(6)]
    ward.town.moods.extend([None, None, *failing])
    with pytest.raises(Unavailable) as failed:
        await ward.publish()
    assert (failed.value.source, ward.waits) == ("registry", [1.0, 2.0, 4.0, 8.0, 16.0])
    assert len(await ward.registered(anna)) == 2
    assert await ward.publish() == Published(told=3, unchanged=2)
    assert len(await ward.registered(anna)) == 5


async def test_a_registry_that_is_down_ends_the_run_with_its_name(ward: Ward) -> None:
    ward.put("77")
    await ward.know("77", somebody())
    down = ward.settings.registry.model_copy(update={"base_url": "http://registry.localhost:9"})
    with pytest.raises(Unavailable) as failed:
        await ward.publish(ward.settings.model_copy(update={"registry": down}))
    assert failed.value.source == "registry"


async def test_a_hospital_that_the_registry_does_not_know_is_told_once(ward: Ward) -> None:
    ward.put("77")
    await ward.know("77", somebody())
    with pytest.raises(Refused) as refused:
        await ward.publish(ward.settings.model_copy(update={"base_url": "http://oost.localhost:9001"}))
    assert refused.value.reason == "registry_refuses"
    with pytest.raises(Refused):
        await ward.publish(ward.settings.model_copy(update={"ura": "90000199"}))


async def test_without_a_registry_there_is_nothing_to_publish_to(ward: Ward) -> None:
    with pytest.raises(Malformed):
        await ward.publish(ward.settings.model_copy(update={"registry": None}))
