"""The registry as an index of documents over real HTTP: lists and manifests, read by libraries that are not ours."""

import json
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from sysconfig import get_path
from typing import Any

import pydicom
import pytest
from fhir.resources.R4B.bundle import Bundle
from fhir.resources.R4B.capabilitystatement import CapabilityStatement
from sqlalchemy import select
from tests.cast import NOORD
from tests.index_town import CLINIC, OWN, Town, a_study, new_uid, registry_town, somebody, with_instances

from beeldpas.database.engine import open_engine, transaction
from beeldpas.domain.bsn import BSN
from beeldpas.formats.fhir.publication import PublishedReport, PublishedStudy
from beeldpas.formats.question import Question
from beeldpas.registry.store.tables import access_log

DCIODVFY = Path(get_path("scripts")) / "dciodvfy"
DOCTOR = Question("provider", "arts", "uzi.1", "Huisartsen Oost", "TREAT", "share", "patient")
PARENT = Question("patient", "parent", "p1.0ff", "Beeldpas", "PATRQT", "own")
Resource = dict[str, Any]


@pytest.fixture(scope="module")
def town(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with registry_town(database_url, tmp_path_factory.mktemp("town"), mhd=True) as town:
        yield town


def small(bsn: BSN, **changes: Any) -> PublishedStudy:
    """A study with three instances by name."""
    study = a_study(bsn, **changes)
    return with_instances(replace(study, series=tuple(replace(one, instances=3) for one in study.series)))


async def listed(town: Town, bsn: BSN, token: str | None = None, **form: str) -> Resource:
    answer = await town.documents(bsn, token, **form)
    assert answer.status_code == 200, answer.text
    bundle: Resource = answer.json()
    Bundle.model_validate(bundle)
    return bundle


def documents(bundle: Resource) -> list[Resource]:
    found = [one["resource"] for one in bundle.get("entry", [])]
    return [one for one in found if one["resourceType"] == "DocumentReference"]


def kinds(bundle: Resource) -> list[str]:
    """What is listed: `fhir`, `kos` or the title of a report."""
    formats = (one["content"][0].get("format", {}).get("code", "") for one in documents(bundle))
    return ["fhir" if "fhir" in code else "kos" if code else "report" for code in formats]


def address(bundle: Resource, kind: str) -> str:
    (found,) = (one for one, its in zip(documents(bundle), kinds(bundle), strict=True) if its == kind)
    return str(found["content"][0]["attachment"]["url"])


def as_doctor(town: Town) -> str:
    return town.about_documents(DOCTOR, issuer=CLINIC)


def complaints(file: Path) -> str:
    """What dicom3tools says of a file."""
    return subprocess.run([DCIODVFY, "-new", file], capture_output=True, text=True, check=False).stderr


# What is there


async def test_a_study_is_listed_as_twins_and_its_report_once(town: Town) -> None:
    anna = somebody()
    study = small(anna)
    await town.publish("noord", study)
    bundle = await listed(town, anna)
    assert (bundle["total"], kinds(bundle)) == (3, ["fhir", "kos", "report"])
    fhir, kos, report = documents(bundle)
    assert fhir["masterIdentifier"] == kos["masterIdentifier"] == fhir["identifier"][0]
    for one, twin in ((fhir, kos), (kos, fhir)):
        assert [(each["code"], each["target"]["reference"]) for each in one["relatesTo"]] == [
            ("transforms", f"DocumentReference/{twin['id']}")
        ]
        related = {
            each["identifier"].get("system"): each["identifier"]["value"] for each in one["context"]["related"]
        }
        assert related == {
            "urn:dicom:uid": f"urn:oid:{study.study_uid}",
            f"urn:oid:2.16.528.1.1007.3.3.{int(NOORD.ura)}": "A-1",
        }
        assert one["context"]["period"]["start"] == "2024-03-01"
        assert one["subject"]["identifier"]["value"] == anna.reveal()
    assert fhir["content"][0]["attachment"]["contentType"] == "application/fhir+json"
    assert kos["content"][0]["attachment"]["contentType"] == "application/dicom"
    assert report["masterIdentifier"]["value"] == f"urn:oid:{study.reports[0].sop_uid}"
    assert "url" not in report["content"][0]["attachment"]


async def test_the_manifest_in_fhir_names_every_instance_and_where_it_is(town: Town) -> None:
    anna = somebody()
    study = small(anna)
    await town.publish("noord", study)
    bundle = await listed(town, anna)
    answer = await town.fetch(address(bundle, "fhir"))
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/fhir+json")
    manifest = answer.json()
    Bundle.model_validate(manifest)
    parts = {one["resource"]["resourceType"]: one for one in manifest["entry"]}
    assert [*parts] == ["Composition", "ImagingStudy", "Patient", "Endpoint", "Device", "Organization"]
    assert manifest["identifier"] == documents(bundle)[0]["masterIdentifier"]
    told, endpoint = (parts[kind]["resource"] for kind in ("ImagingStudy", "Endpoint"))
    (series,) = told["series"]
    assert [one["uid"] for one in series["instance"]] == [one.sop_uid for one in study.series[0].listed]
    assert {one["sopClass"]["code"] for one in series["instance"]} == {"urn:oid:1.2.840.10008.5.1.4.1.1.2"}
    assert series["endpoint"][0]["reference"] == parts["Endpoint"]["fullUrl"]
    assert told["subject"]["reference"] == parts["Patient"]["fullUrl"]
    assert endpoint["address"] == town.addresses["noord"] + "/dicom-web"
    assert parts["Patient"]["resource"]["identifier"][0]["value"] == anna.reveal()


async def test_the_manifest_in_dicom_says_the_same_and_is_a_sound_key_object(town: Town, tmp_path: Path) -> None:
    anna = somebody()
    study = small(anna)
    await town.publish("noord", study)
    bundle = await listed(town, anna)
    answer = await town.fetch(address(bundle, "kos"))
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/dicom")
    kos = pydicom.dcmread(BytesIO(answer.content))
    assert kos.SOPClassUID == kos.file_meta.MediaStorageSOPClassUID == "1.2.840.10008.5.1.4.1.1.88.59"
    assert f"urn:oid:{kos.SOPInstanceUID}" == documents(bundle)[1]["masterIdentifier"]["value"]
    assert (kos.ConceptNameCodeSequence[0].CodeValue, kos.Modality) == ("131560", "KO")
    for one in (kos, kos.OtherPatientIDsSequence[0]):
        (issuer,) = one.IssuerOfPatientIDQualifiersSequence
        assert (one.PatientID, issuer.UniversalEntityID) == (anna.reveal(), "2.16.840.1.113883.2.4.6.3")
    assert (kos.AccessionNumber, kos.IssuerOfAccessionNumberSequence[0].UniversalEntityID) == (
        "A-1",
        f"2.16.528.1.1007.3.3.{int(NOORD.ura)}",
    )
    assert (kos.InstitutionName, kos.InstitutionCodeSequence[0].CodeValue) == (NOORD.name, NOORD.ura)
    (evidence,) = kos.CurrentRequestedProcedureEvidenceSequence
    (series,) = evidence.ReferencedSeriesSequence
    assert (evidence.StudyInstanceUID, series.SeriesInstanceUID) == (study.study_uid, study.series[0].uid)
    assert series.RetrieveURL == town.addresses["noord"] + "/dicom-web" and series.RetrieveLocationUID
    named = [(one.ReferencedSOPInstanceUID, one.ReferencedSOPClassUID) for one in series.ReferencedSOPSequence]
    assert named == [tuple(one) for one in study.series[0].listed]
    (tmp_path / "manifest.dcm").write_bytes(answer.content)
    told = complaints(tmp_path / "manifest.dcm")
    assert "KeyObjectSelectionDocument" in told and "Error" not in told, told


async def test_one_version_is_one_document_and_another_version_another(town: Town) -> None:
    anna = somebody()
    study = small(anna, reports=())
    await town.publish("noord", study)
    first, again = await listed(town, anna), await listed(town, anna)
    name = documents(first)[0]["masterIdentifier"]
    assert documents(again)[0]["masterIdentifier"] == name
    files = [(await town.fetch(address(one, "kos"))).content for one in (first, again)]
    assert files[0] == files[1]
    await town.publish("noord", replace(study, description="CT thorax met contrast"))
    assert documents(await listed(town, anna))[0]["masterIdentifier"] != name
    assert (await town.fetch(address(first, "kos"))).status_code == 404, (
        "what the list promised is not there any more"
    )


async def test_a_study_whose_instances_nobody_names_has_no_manifest_and_that_is_told(town: Town) -> None:
    anna = somebody()
    await town.publish("noord", a_study(anna), small(anna, reports=()))
    bundle = await listed(town, anna)
    assert (bundle["total"], sorted(kinds(bundle))) == (3, ["fhir", "kos", "report"])
    (outcome,) = [one for one in bundle["entry"] if one["search"]["mode"] == "outcome"]
    (issue,) = outcome["resource"]["issue"]
    assert (issue["severity"], issue["diagnostics"].split()[0]) == ("warning", "1")
    assert len((await listed(town, anna, category="REPORTS"))["entry"]) == 1, "who asks for reports misses nothing"


async def test_pages_of_any_size_hold_every_document_once(town: Town) -> None:
    anna = somebody()
    await town.publish("noord", small(anna), small(anna, reports=()))
    whole = await listed(town, anna)
    page, seen = await listed(town, anna, _count="2"), list[str]()
    while True:
        Bundle.model_validate(page)
        assert page["total"] == whole["total"] == 5 and len(documents(page)) <= 2
        seen += [one["id"] for one in documents(page)]
        following = [one["url"] for one in page["link"] if one["relation"] == "next"]
        if not following:
            break
        assert anna.reveal() not in following[0] and "n1." not in following[0]
        page = (await town.fetch(following[0])).json()
    assert seen == [one["id"] for one in documents(whole)]


# What is asked


async def test_what_is_asked_for_is_what_comes(town: Town) -> None:
    anna = somebody()
    one, other = small(anna), small(anna)
    await town.publish("noord", one, other)
    kos = "1.2.840.10008.5.1.4.1.1.88.59"
    asked: list[tuple[dict[str, str], list[str]]] = [
        ({"category": "IMAGES", "study-instance-uid": f"urn:oid:{one.study_uid}"}, ["fhir", "kos"]),
        ({"category": "urn:oid:1.3.6.1.4.1.19376.1.2.6.1|REPORTS"}, ["report", "report"]),
        ({"category": "http://example.org|REPORTS"}, []),
        ({"format": kos}, ["kos", "kos"]),
        ({"format": kos, "category": "REPORTS"}, []),
        ({"status": "superseded"}, []),
        ({"study-instance-uid": f"urn:dicom:uid|urn:oid:{new_uid()}"}, []),
    ]
    for form, wanted in asked:
        assert kinds(await listed(town, anna, **form)) == wanted, form


@pytest.mark.parametrize(
    "form",
    [{"status": ""}, {"status": "lost"}, {"author": "noord"}, {"study-instance-uid": "1.2.x"}, {"_count": "0"}],
    ids=str,
)
async def test_a_question_that_cannot_be_answered_in_full_is_refused(town: Town, form: dict[str, str]) -> None:
    answer = await town.documents(somebody(), **form)
    assert (answer.status_code, answer.json()["resourceType"]) == (400, "OperationOutcome")


async def test_a_person_in_an_address_is_refused(town: Town) -> None:
    for query in (f"patient.identifier={somebody().reveal()}&status=current", "patient=x"):
        assert (await town.fetch(f"{town.base_url}/mhd/DocumentReference?{query}")).status_code == 400


# Who asks


async def test_a_manifest_is_for_who_got_the_list_and_asks_again(town: Town) -> None:
    anna = somebody()
    study = small(anna)
    await town.publish("noord", study)
    at = address(await listed(town, anna), "fhir")
    assert anna.reveal() not in at and study.study_uid not in at and "n1." not in at
    refused = {
        "without a question": (at, "", 401),
        "with one for another door": (at, town.question(), 401),
        "by somebody else": (at, town.about_documents(replace(OWN, subject="p1.bad")), 400),
        "in another role": (at, town.about_documents(PARENT), 400),
        "at the other door": (at.replace("/Bundle", "/DocumentReference"), town.about_documents(), 400),
        "at a made-up address": (at[:-4] + "AAAA", town.about_documents(), 400),
        "without an address": (at.partition("?")[0], town.about_documents(), 400),
    }
    for how, (where, token, status) in refused.items():
        answer = await town.fetch(where, token)
        assert (answer.status_code, answer.json()["resourceType"]) == (status, "OperationOutcome"), how
    token = town.about_documents()
    assert [(await town.fetch(at, token)).status_code for _ in range(2)] == [200, 401], "a question counts once"
    before = town.clock.now
    town.clock.now += timedelta(minutes=11)
    assert (await town.fetch(at)).status_code == 400
    town.clock.now = before


async def test_every_question_is_in_the_log_and_none_of_it_says_who_or_what(town: Town) -> None:
    anna = somebody()
    study = small(anna)
    await town.publish("noord", study)
    at = address(await listed(town, anna), "kos")
    await town.fetch(at)
    await town.fetch(at, "no token")
    engine = open_engine(town.settings.database_url)
    async with transaction(engine) as connection:
        newest = select(access_log.c.record).order_by(access_log.c.row_id.desc()).limit(3)
        texts = list((await connection.execute(newest)).scalars())
    await engine.dispose()
    rows = [json.loads(one) for one in reversed(texts)]
    assert [(one["kind"], one["outcome"], one["reason"]) for one in rows] == [
        ("search", "done", ""),
        ("read_manifest", "done", ""),
        ("read_manifest", "refused", "invalid_token"),
    ]
    assert rows[0]["patient"] == rows[1]["patient"] and rows[2]["patient"] is None
    assert (rows[1]["purpose"], rows[1]["basis"], rows[1]["organisation"]) == ("PATRQT", "own", "Beeldpas")
    assert anna.reveal() not in str(texts) and study.study_uid not in str(texts)


# What is kept back


async def test_of_what_a_person_keeps_back_providers_see_no_trace(town: Town) -> None:
    anna = somebody()
    kept, open_one = small(anna), small(anna)
    await town.publish("noord", kept, open_one)
    at = address(await listed(town, anna, as_doctor(town), **{"study-instance-uid": kept.study_uid}), "fhir")
    assert (await town.fetch(at, as_doctor(town))).status_code == 200
    await town.decide("restrict", anna, kept.study_uid)
    after = await listed(town, anna, as_doctor(town))
    assert (after["total"], kinds(after)) == (3, ["fhir", "kos", "report"])
    assert kept.study_uid not in json.dumps(after)
    assert (await town.fetch(at, as_doctor(town))).status_code == 404
    own = documents(await listed(town, anna, category="IMAGES", **{"study-instance-uid": kept.study_uid}))
    marks = [{"system": "urn:beeldpas:withheld-from", "code": "by-patient"}]
    assert [one["meta"]["security"] for one in own] == [marks, marks]


async def test_who_keeps_everything_back_looks_like_who_has_nothing(town: Town) -> None:
    anna = somebody()
    for study in (small(anna), a_study(anna)):
        await town.publish("noord", study)
        await town.decide("restrict", anna, study.study_uid)
    assert await listed(town, anna, as_doctor(town)) == await listed(town, somebody(), as_doctor(town))


async def test_what_a_hospital_withholds_is_not_there_for_them_nor_a_report_of_it(town: Town) -> None:
    anna = somebody()
    study = small(anna, withheld_from=("representatives",))
    await town.publish("noord", study)
    patient = address(await listed(town, anna), "fhir")
    assert (await town.fetch(patient)).status_code == 200
    assert (await listed(town, anna, town.about_documents(PARENT)))["total"] == 0
    await town.publish("noord", replace(study, withheld_from=()))
    assert (await listed(town, anna, town.about_documents(PARENT)))["total"] == 3


async def test_a_report_under_an_embargo_tells_its_end(town: Town) -> None:
    anna = somebody()
    day = a_study(anna).started
    report = PublishedReport(new_uid(), "final", day, readable_from=day)
    await town.publish("noord", small(anna, reports=(report,)))
    (told,) = documents(await listed(town, anna, category="REPORTS"))
    assert told["extension"] == [{"url": "urn:beeldpas:readable-from", "valueDate": "2024-03-01"}]


async def test_a_withdrawn_study_and_one_of_another_person_have_no_manifest(town: Town) -> None:
    anna, bram = somebody(), somebody()
    study = small(anna)
    await town.publish("noord", study)
    at = address(await listed(town, anna), "fhir")
    await town.publish("noord", replace(study, bsn=bram))
    assert (await listed(town, anna))["total"] == 0
    assert (await town.fetch(at)).status_code == 404
    theirs = await town.fetch(address(await listed(town, bram), "kos"))
    assert pydicom.dcmread(BytesIO(theirs.content)).PatientID == bram.reveal()
    await town.publish("noord", replace(study, bsn=bram, withdrawn=True))
    assert (await listed(town, bram))["total"] == 0


async def test_a_new_key_of_names_changes_nothing(town: Town) -> None:
    anna = somebody()
    await town.publish("noord", small(anna))
    before = await listed(town, anna)
    town.pseudonyms.rotate()
    after = await listed(town, anna)
    assert [one["masterIdentifier"] for one in documents(after)] == [
        one["masterIdentifier"] for one in documents(before)
    ]
    assert (await town.fetch(address(after, "fhir"))).status_code == 200


# What it says of itself


async def test_it_says_what_it_can_do(town: Town) -> None:
    async with town.client() as client:
        door, beside = [await client.get(town.base_url + path) for path in ("/mhd/metadata", "/fhir/metadata")]
    for answer in (door, beside):
        CapabilityStatement.model_validate(answer.json())
    described = {one["type"]: one for one in door.json()["rest"][0]["resource"]}
    assert [*described] == ["DocumentReference", "Bundle", "Binary"]
    assert f"{town.base_url}/mhd" in beside.json()["rest"][0]["documentation"]


async def test_switched_off_there_is_nothing(database_url: str, tmp_path: Path) -> None:
    with registry_town(database_url, tmp_path) as off:
        async with off.client() as client:
            for path in ("metadata", "DocumentReference", "Bundle?_page=x", "Binary?_page=x"):
                assert (await client.get(f"{off.base_url}/mhd/{path}")).status_code == 404
            said = await client.get(f"{off.base_url}/fhir/metadata")
        assert (await off.documents(somebody())).status_code == 404
        assert "mhd" not in said.text.lower()
