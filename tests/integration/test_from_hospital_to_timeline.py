"""From files in a hospital's folder to the patient's timeline: a real gateway, a real registry, the portal's view."""

from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from datetime import date
from pathlib import Path

import pytest
from tests import hospital_images as hospital
from tests.cast import ANNA, BRAM, NOORD
from tests.hospital_notes import rejection_note
from tests.index_town import ADDRESSES, OWN, PORTAL, Town, registry_town
from tests.running import running

from beeldpas.database.engine import transaction
from beeldpas.demo.processes import free_ports
from beeldpas.domain.timeline import Timeline
from beeldpas.formats.question import Question
from beeldpas.gateway import crosswalk, quarantine
from beeldpas.gateway.administration import ingest_all
from beeldpas.gateway.app import build_app, build_house
from beeldpas.gateway.ingest import Ingest
from beeldpas.gateway.objects.open import open_store
from beeldpas.gateway.publish import publish
from beeldpas.gateway.settings import GatewaySettings
from beeldpas.keys import public_file
from beeldpas.portal.directory import Directory
from beeldpas.portal.registries.fhir import FhirRegistry
from beeldpas.portal.registries.gather import gather_timeline
from beeldpas.portal.registries.held import StudyChanges
from beeldpas.portal.registries.preview import Gateways
from beeldpas.portal.registries.question import Signer
from beeldpas.web.outbound import open_client
from beeldpas.web.serve import harden


@pytest.fixture(scope="module")
def town(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    addresses = ADDRESSES | {"noord": f"http://noord.localhost:{free_ports(1)[0]}"}
    with registry_town(database_url, tmp_path_factory.mktemp("town"), addresses) as town:
        yield town


@pytest.fixture
async def noord(town: Town, new_database, tmp_path: Path) -> AsyncIterator[GatewaySettings]:
    """Ziekenhuis Noord with Anna's and Bram's images, published and open."""
    keys, address = town.hospitals_file.parent, town.addresses["noord"]
    settings = GatewaySettings(
        gateway_id="noord",
        hospital=NOORD.name,
        ura=NOORD.ura,
        phone="0800 0101",
        base_url=address,
        state_dir=tmp_path / "state",
        database_url=new_database("sqlite"),
        key_file=keys / "noord.json",
        lease_keys_file=tmp_path / "leases",
        local_issuer=hospital.ISSUER,
        objects={"kind": "folder", "root": tmp_path / "files"},
        issuers=[
            {
                "iss": PORTAL,
                "keys_file": public_file(keys / "portal.json"),
                "status_uri": f"{PORTAL}/status/noord",
                "token_endpoint": f"{PORTAL}/token",
                "uses_endpoint": f"{PORTAL}/uses",
                "bases": ["share", "own"],
            }
        ],
        registry={"base_url": town.base_url},
    )
    hospital.fill(tmp_path / "files")
    house = build_house(settings, town.clock)
    await Ingest(house.engine, open_store(settings), hospital.ISSUER).from_store()
    with hospital.crosswalk_csv(tmp_path / "crosswalk.csv").open(newline="") as rows:
        patients, _ = crosswalk.read_csv(rows)
    async with transaction(house.engine) as connection:
        await quarantine.keep_patients(connection, patients.values())
        await quarantine.match(connection)
    await publish(settings, house.engine, town.clock)
    await house.engine.dispose()
    with ExitStack() as stack:
        stack.enter_context(running(harden(build_app(build_house(settings, town.clock))), port=_port(address)))
        yield settings


def _port(address: str) -> int:
    return int(address.rpartition(":")[2])


async def timeline(town: Town, question: Question = OWN) -> Timeline:
    directory = Directory.load(town.hospitals_file)
    signer = Signer(PORTAL, town.keys["portal"], town.clock)
    async with (
        open_client(hosts=[town.base_url]) as to_registry,
        open_client(hosts=[one.base_url for one in directory.hospitals]) as to_hospitals,
    ):
        registry = FhirRegistry("register", town.base_url, to_registry, signer, directory)
        gateways = Gateways.load(directory, to_hospitals, signer)
        return await gather_timeline([registry], gateways, directory, ANNA.bsn, question, "nl", 5)


async def test_annas_images_are_on_her_timeline_as_the_hospital_holds_them(
    town: Town, noord: GatewaySettings
) -> None:
    gathered = await timeline(town)
    assert not gathered.missing and not gathered.unreadable
    studies = {study.uid: study for study in gathered.studies}
    assert studies.keys() == {hospital.HEAD_CT, hospital.KNEE_MR}
    head = studies[hospital.HEAD_CT]
    assert (head.started, head.instances, len(head.series)) == (date(2026, 5, 3), 9, 4)
    assert "CT" in head.modalities
    assert (head.origin.hospital, head.origin.confirmed) == (NOORD.name, True)
    size = sum(file.stat().st_size for file in noord.objects.root.rglob(f"{hospital.HEAD_CT}.*"))  # type: ignore[union-attr]
    assert head.origin.size_bytes == sum(one.size_bytes or 0 for one in head.series) == size
    assert "Verslag CT schedel" in {report.title for report in head.reports}
    assert len(head.reports) == 2
    assert studies[hospital.KNEE_MR].reports == ()


async def test_the_timeline_is_of_nobody_else(town: Town, noord: GatewaySettings) -> None:
    gathered = await timeline(town)
    assert hospital.BRAMS_CT not in {study.uid for study in gathered.studies}
    assert BRAM.bsn.reveal() not in repr(gathered)


async def test_the_portal_reads_from_the_hospital_what_changed_since_the_patient_confirmed(
    town: Town, noord: GatewaySettings
) -> None:
    directory = Directory.load(town.hospitals_file)
    async with open_client(hosts=[one.base_url for one in directory.hospitals]) as to_hospitals:
        gateways = Gateways.load(directory, to_hospitals, Signer(PORTAL, town.keys["portal"], town.clock))
        confirmed = (await gateways.preview("noord", [hospital.HEAD_CT], "nl", OWN)).generation
        hospital.save(rejection_note(hospital.HEAD_CT, f"{hospital.HEAD_CT}.1.2"), noord.objects.root)  # type: ignore[union-attr]
        await ingest_all(noord, None)
        (study,) = (await gateways.preview("noord", [hospital.HEAD_CT], "nl", OWN, confirmed)).studies
    assert (study.changed, study.instances) == (StudyChanges(added=0, withdrawn=1, corrected=0, amended=0), 8)
