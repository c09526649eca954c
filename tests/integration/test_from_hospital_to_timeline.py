"""From files in a hospital's folder to the patient's timeline: a real gateway, a real registry, the portal's view."""

from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from pydicom.dataset import FileDataset
from tests import hospital_images as hospital
from tests.cast import ANNA, BRAM, NOORD
from tests.hospital_notes import rejection_note, replaces
from tests.index_town import ADDRESSES, OWN, PORTAL, Town, a_study, registry_town
from tests.naming_process import answering, settings_for
from tests.running import running

from beeldpas.database.engine import transaction
from beeldpas.demo.processes import free_ports
from beeldpas.domain.study import Report, Study
from beeldpas.domain.timeline import Timeline
from beeldpas.formats.fingerprints import Fingerprints, Told
from beeldpas.formats.question import Question
from beeldpas.gateway import crosswalk, quarantine, releasing
from beeldpas.gateway.administration import ingest_all
from beeldpas.gateway.app import build_app, build_house, open_database
from beeldpas.gateway.ingest import Ingest
from beeldpas.gateway.objects.open import open_store
from beeldpas.gateway.publish import publish
from beeldpas.gateway.release import Rule
from beeldpas.gateway.releasing import Kept
from beeldpas.gateway.settings import GatewaySettings
from beeldpas.keys import public_file
from beeldpas.portal.directory import Directory
from beeldpas.portal.registries.fhir import FhirRegistry
from beeldpas.portal.registries.gather import gather_timeline
from beeldpas.portal.registries.held import StudyChanges
from beeldpas.portal.registries.preview import Gateways
from beeldpas.portal.registries.question import Signer
from beeldpas.web.outbound import open_client
from beeldpas.web.pseudonyms import AskedPseudonyms, PseudonymSettings
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
        return await gather_timeline([registry], gateways, directory, ANNA.bsn, question, "nl", 30)


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


async def test_a_report_is_provisional_until_a_later_one_takes_its_place(town: Town, noord: GatewaySettings) -> None:
    early = hospital.structured_report(hospital.KNEE_MR, 7)
    early.PreliminaryFlag = "PRELIMINARY"
    await deliver(noord, town, early)
    (shown,) = await reports_of_the_knee(town)
    assert (shown.status, shown.issued) == ("preliminary", date(2026, 5, 3))
    later = replaces(hospital.structured_report(hospital.KNEE_MR, 8), str(early.SOPInstanceUID))
    later.ContentDate = "20260510"
    await deliver(noord, town, later)
    first, second = await reports_of_the_knee(town)
    assert (first.status, first.issued) == ("amended", date(2026, 5, 10))
    assert first.replaces == (second.identifier,) == (str(early.SOPInstanceUID),)
    for one in (early, later):
        (noord.objects.root / "later" / f"{one.SOPInstanceUID}.dcm").unlink()  # type: ignore[union-attr]
    await tell(noord, town)
    assert await reports_of_the_knee(town) == (), "what a hospital takes away leaves no trace"


async def deliver(settings: GatewaySettings, town: Town, report: FileDataset) -> None:
    """Put a report into the hospital's folder, and let the gateway read and publish it."""
    hospital.save(report, settings.objects.root / "later")  # type: ignore[union-attr]
    await tell(settings, town)


async def tell(settings: GatewaySettings, town: Town) -> None:
    """Read what is in the hospital's folder now, and publish it."""
    await ingest_all(settings, None)
    engine = open_database(settings)
    await publish(settings, engine, town.clock)
    await engine.dispose()


async def reports_of_the_knee(town: Town) -> tuple[Report, ...]:
    return next(study for study in (await timeline(town)).studies if study.uid == hospital.KNEE_MR).reports


# What the hospital keeps back, at the hospital, in the registry and on the timeline


PARENT = replace(OWN, role="parent")


async def keep_back(settings: GatewaySettings, town: Town, rule: Rule, until: date | None = None) -> None:
    engine = open_database(settings)
    async with transaction(engine) as connection:
        await releasing.keep_back(connection, Kept(hospital.HEAD_CT, rule, until), "noord", town.clock())
    await publish(settings, engine, town.clock)
    await engine.dispose()


async def head(town: Town, question: Question = OWN) -> Study | None:
    found = await timeline(town, question)
    return next((study for study in found.studies if study.uid == hospital.HEAD_CT), None)


async def registered(town: Town, question: Question = OWN) -> tuple[list[str], list[str]]:
    """What the registry itself answers: studies and reports, in its own count."""
    bundle = (await town.search(ANNA.bsn, town.question(question))).json()
    resources = [entry["resource"] for entry in bundle.get("entry", [])]
    studies = [one["identifier"][0]["value"] for one in resources if one["resourceType"] == "ImagingStudy"]
    assert bundle["total"] == len(studies)
    reports = [one["identifier"][0]["value"] for one in resources if one["resourceType"] == "DiagnosticReport"]
    return [uid.removeprefix("urn:oid:") for uid in sorted(studies)], reports


async def test_a_withheld_study_is_in_no_answer_and_no_count(town: Town, noord: GatewaySettings) -> None:
    assert hospital.HEAD_CT in (await registered(town))[0]
    await keep_back(noord, town, Rule.EVERYBODY)
    assert await registered(town) == ([hospital.KNEE_MR], [])
    gathered = await timeline(town)
    assert [study.uid for study in gathered.studies] == [hospital.KNEE_MR]
    assert not gathered.missing and not gathered.unreadable


async def test_a_withheld_study_is_gone_before_the_registry_has_heard_of_it(
    town: Town, noord: GatewaySettings
) -> None:
    engine = open_database(noord)
    async with transaction(engine) as connection:
        await releasing.keep_back(connection, Kept(hospital.HEAD_CT, Rule.EVERYBODY), "noord", town.clock())
    await engine.dispose()
    assert hospital.HEAD_CT in (await registered(town))[0]
    assert await head(town) is None


async def test_a_parent_does_not_see_what_the_patient_sees_as_before(town: Town, noord: GatewaySettings) -> None:
    before, of_parent = await head(town), await head(town, PARENT)
    assert before is not None and of_parent == before
    await keep_back(noord, town, Rule.REPRESENTATIVES)
    assert await head(town) == before
    assert await head(town, PARENT) is None
    assert await registered(town, PARENT) == ([hospital.KNEE_MR], [])
    gathered = await timeline(town, PARENT)
    assert not gathered.missing and not gathered.unreadable and not gathered.reports


async def test_an_embargo_without_a_trace_leaves_a_study_that_never_had_a_report(
    town: Town, noord: GatewaySettings
) -> None:
    await keep_back(noord, town, Rule.EMBARGO, town.clock().date() + timedelta(days=2))
    assert (await registered(town))[1] == []
    found = await head(town)
    assert found is not None and found.reports == () and found.instances == 7
    assert {series.modality for series in found.series} == set(found.modalities) == {"CT"}


async def test_an_embargo_that_is_announced_is_told_with_its_day_and_over_on_it(
    town: Town, noord: GatewaySettings
) -> None:
    today = town.clock().date()
    await keep_back(noord, town, Rule.ANNOUNCED, today + timedelta(days=2))
    found = await head(town)
    assert found is not None and found.instances == 7
    assert {report.readable_from for report in found.reports} == {today + timedelta(days=2)}
    await keep_back(noord, town, Rule.ANNOUNCED, today - timedelta(days=1))
    found = await head(town)
    assert found is not None and found.instances == 9
    assert {(report.readable_from, report.title) for report in found.reports} >= {(None, "Verslag CT schedel")}


# Whose a study is, by the word of three hospitals


@pytest.fixture
def names(noord: GatewaySettings, town: Town, tmp_path: Path) -> Iterator[PseudonymSettings]:
    """The process that makes fingerprints, with Noord among those who may ask."""
    folder = tmp_path / "process"
    folder.mkdir()
    callers = {"noord": (noord.base_url, public_file(noord.key_file))}
    with answering(settings_for(folder, callers), town.clock):
        yield PseudonymSettings(socket=folder / "names.sock")


async def print_of(noord: GatewaySettings, town: Town, names: PseudonymSettings, told: Told) -> Fingerprints:
    asking = AskedPseudonyms(names, caller=noord.base_url, keys=town.keys["noord"], clock=town.clock)
    (made,) = await asking.fingerprints_of([told])
    await asking.close()
    return made


async def test_a_study_that_two_other_hospitals_contradict_is_not_the_patients(
    town: Town, noord: GatewaySettings, names: PseudonymSettings
) -> None:
    engine = open_database(noord)
    await publish(noord.model_copy(update={"pseudonyms": names}), engine, town.clock)
    await engine.dispose()
    right = await print_of(noord, town, names, Told(ANNA.bsn, ANNA.birth_date, ANNA.sex))
    wrong = await print_of(noord, town, names, Told(ANNA.bsn, date(1961, 2, 3), ANNA.sex))
    assert right.sex == wrong.sex and right.birth_date != wrong.birth_date
    theirs = {}
    for gateway_id, prints in (("west", right), ("zuid", wrong)):
        theirs[gateway_id] = replace(a_study(ANNA.bsn), fingerprints=prints)
        assert (await town.publish(gateway_id, theirs[gateway_id])).status_code == 200
    found = await timeline(town)
    shown = {study.uid for study in found.studies}
    assert {hospital.HEAD_CT, hospital.KNEE_MR, theirs["west"].study_uid} <= shown
    assert theirs["zuid"].study_uid not in shown
    assert [(one.hospital, one.attribute, one.against, one.is_outvoted) for one in found.doubts] == [
        ("zuid", "birth_date", ("noord", "west"), True)
    ]
    assert found.unreadable == 1
    for gateway_id, study in theirs.items():
        assert (await town.publish(gateway_id, replace(study, withdrawn=True))).status_code == 200


async def test_a_value_in_the_place_of_a_fingerprint_is_refused(town: Town, noord: GatewaySettings) -> None:
    plain = replace(a_study(ANNA.bsn), fingerprints=Fingerprints("1952-03-08", ""))
    assert (await town.publish("west", plain)).status_code == 422
