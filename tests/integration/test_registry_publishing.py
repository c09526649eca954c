"""Hospitals publish over real HTTP: what they may say is kept whole, what they may not leaves nothing behind."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from tests.cast import NOORD
from tests.index_town import Town, a_study, new_uid, registry_town, somebody

from beeldpas.domain.bsn import BSN
from beeldpas.formats.fhir.bundles import conditional_url, transaction
from beeldpas.formats.fhir.publication import PublishedStudy, study_resource

Bundle = dict[str, Any]


@pytest.fixture(scope="module")
def town(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with registry_town(database_url, tmp_path_factory.mktemp("town")) as town:
        yield town


def resources(bundle: Bundle, kind: str) -> list[Bundle]:
    return [one["resource"] for one in bundle.get("entry", []) if one["resource"]["resourceType"] == kind]


async def found(town: Town, bsn: BSN, kind: str = "ImagingStudy") -> list[Bundle]:
    answer = await town.search(bsn)
    assert answer.status_code == 200, answer.text
    return resources(answer.json(), kind)


# What is kept


async def test_what_a_hospital_publishes_is_found_with_its_report_and_where_to_fetch_it(town: Town) -> None:
    anna = somebody()
    study = a_study(anna)
    published = await town.publish("noord", study)
    assert published.status_code == 200
    assert [one["response"]["status"] for one in published.json()["entry"]][1:] == ["201 Created", "201 Created"]

    bundle = (await town.search(anna)).json()
    (own,), (report,), (endpoint,) = (
        resources(bundle, kind) for kind in ("ImagingStudy", "DiagnosticReport", "Endpoint")
    )
    assert bundle["total"] == 1
    assert own["identifier"][0]["value"] == f"urn:oid:{study.study_uid}"
    assert own["subject"]["identifier"]["value"] == anna.reveal()
    assert own["endpoint"] == [{"reference": "Endpoint/noord"}]
    assert own["meta"]["tag"] == [{"system": "urn:beeldpas:publication-basis", "code": "law"}]
    assert report["imagingStudy"][0]["reference"] == f"ImagingStudy/{own['id']}"
    assert (endpoint["id"], endpoint["address"]) == ("noord", town.addresses["noord"] + "/dicom-web")
    assert [one["search"]["mode"] for one in bundle["entry"]] == ["match", "include", "include"]


async def test_publishing_the_same_twice_changes_nothing(town: Town) -> None:
    study = a_study(somebody())
    await town.publish("noord", study)
    again = await town.publish("noord", study)
    assert [one["response"]["etag"] for one in again.json()["entry"]][1:] == ['W/"1"', 'W/"1"']
    assert [one["response"]["status"] for one in again.json()["entry"]][1:] == ["200 OK", "200 OK"]


async def test_a_change_is_a_new_version_of_the_same_entry(town: Town) -> None:
    anna = somebody()
    study = a_study(anna)
    await town.publish("noord", study)
    (before,) = await found(town, anna)
    changed = await town.publish("noord", replace(study, description="CT thorax met contrast"))
    (after,) = await found(town, anna)
    assert [one["response"]["etag"] for one in changed.json()["entry"]][1:] == ['W/"2"', 'W/"1"']
    assert (before["id"], before["meta"]["versionId"], after["meta"]["versionId"]) == (after["id"], "1", "2")
    assert after["description"] == "CT thorax met contrast"


async def test_two_hospitals_hold_one_study_as_two_entries(town: Town) -> None:
    anna = somebody()
    made = a_study(anna)
    await town.publish("noord", made)
    await town.publish("west", replace(made, origin=False, reports=()))
    entries = await found(town, anna)
    assert {one["endpoint"][0]["reference"] for one in entries} == {"Endpoint/noord", "Endpoint/west"}
    assert len({one["id"] for one in entries}) == 2
    assert {one["identifier"][0]["value"] for one in entries} == {f"urn:oid:{made.study_uid}"}
    (report,) = await found(town, anna, "DiagnosticReport")
    noord = next(one for one in entries if one["endpoint"] == [{"reference": "Endpoint/noord"}])
    assert report["imagingStudy"][0]["reference"] == f"ImagingStudy/{noord['id']}"
    assert len(await found(town, anna, "Endpoint")) == 2


async def test_a_report_about_a_study_that_another_hospital_holds_leads_there(town: Town) -> None:
    anna = somebody()
    made = a_study(anna, reports=())
    await town.publish("noord", made)
    second_opinion = a_study(anna)
    (report,) = second_opinion.reports
    bundle = transaction(town.hospital("west"), [replace(second_opinion, reports=(report,))])
    about = bundle["entry"][2]["resource"]["imagingStudy"]
    about[0]["identifier"]["value"] = f"urn:oid:{made.study_uid}"
    assert (await town.send("west", bundle)).status_code == 200
    (told,) = await found(town, anna, "DiagnosticReport")
    held = {one["id"]: one["identifier"][0]["value"] for one in await found(town, anna)}
    assert held[told["imagingStudy"][0]["reference"].removeprefix("ImagingStudy/")] == f"urn:oid:{made.study_uid}"


async def test_a_withdrawn_study_is_in_no_answer_any_more(town: Town) -> None:
    anna = somebody()
    study = a_study(anna)
    await town.publish("noord", study)
    assert (await town.publish("noord", replace(study, withdrawn=True))).status_code == 200
    assert (await town.search(anna)).json()["total"] == 0
    await town.publish("noord", study)
    assert len(await found(town, anna)) == 1


async def test_a_study_that_turns_out_to_be_somebody_elses_moves(town: Town) -> None:
    anna, bram = somebody(), somebody()
    study = a_study(anna)
    await town.publish("noord", study)
    await town.publish("noord", replace(study, bsn=bram))
    assert await found(town, anna) == []
    assert await found(town, anna, "DiagnosticReport") == []
    assert len(await found(town, bram)) == 1


async def test_one_conditional_update_is_created_then_updated(town: Town) -> None:
    anna = somebody()
    study = a_study(anna)
    await town.publish("noord")
    for expected, description in ((201, "CT"), (200, "CT"), (200, "CT thorax")):
        answer = await put(town, replace(study, description=description))
        assert answer.status_code == expected
    assert answer.headers["etag"] == 'W/"2"'
    (kept,) = await found(town, anna)
    assert answer.headers["location"] == f"{town.base_url}/fhir/ImagingStudy/{kept['id']}/_history/2"


async def test_an_update_of_an_older_version_is_refused(town: Town) -> None:
    anna = somebody()
    study = a_study(anna)
    await town.publish("noord", study)
    assert (await put(town, replace(study, description="2"), 'W/"1"')).status_code == 200
    assert (await put(town, replace(study, description="3"), 'W/"1"')).status_code == 412
    assert (await put(town, a_study(anna), 'W/"1"')).status_code == 412
    assert [one["description"] for one in await found(town, anna)] == ["2"]


async def put(town: Town, study: PublishedStudy, if_match: str = "") -> Any:
    resource = study_resource(study, town.hospital("noord"))
    url = f"{town.base_url}/fhir/{conditional_url('ImagingStudy', resource['identifier'][0])}"
    async with town.client() as client:
        headers = {"Authorization": f"Bearer {await town.token(client, 'noord')}"}
        return await client.put(url, json=resource, headers=headers | ({"If-Match": if_match} if if_match else {}))


# What is refused, and leaves nothing behind

Spoil = Callable[[Bundle, Bundle, Bundle], object]


def in_study(name: str, value: object) -> Spoil:
    return lambda study, report, endpoint: study.update({name: value})


def in_report(name: str, value: object) -> Spoil:
    return lambda study, report, endpoint: report.update({name: value})


def in_endpoint(name: str, value: object) -> Spoil:
    return lambda study, report, endpoint: endpoint.update({name: value})


def without(name: str) -> Spoil:
    return lambda study, report, endpoint: study.pop(name)


def in_series(**values: object) -> Spoil:
    return lambda study, report, endpoint: study["series"][0].update(values)


URA = "http://fhir.nl/fhir/NamingSystem/ura"
REFUSED: dict[str, tuple[Spoil, int]] = {
    "report with its conclusion": (in_report("conclusion", "no fracture"), 422),
    "report with a coded conclusion": (in_report("conclusionCode", [{"text": "fracture"}]), 422),
    "report with its document": (in_report("presentedForm", [{"data": "JVBERi0="}]), 422),
    "report with a narrative": (in_report("text", {"status": "generated", "div": "<div>x</div>"}), 422),
    "report with contained resources": (in_report("contained", [{"resourceType": "Observation"}]), 422),
    "report with a title in free words": (in_report("code", {"text": "fracture of the left hip"}), 422),
    "report with findings as its kind": (in_report("code", {"coding": [{"display": "fracture of the hip"}]}), 422),
    "report of no kind": (in_report("code", {}), 422),
    "report with an extension": (in_report("extension", [{"url": "x", "valueString": "fracture"}]), 422),
    "report about nothing": (in_report("imagingStudy", []), 422),
    "report without a subject": (lambda s, report, e: report.pop("subject"), 422),
    "study with a narrative": (in_study("text", {"status": "generated", "div": "<div/>"}), 422),
    "study with notes": (in_study("note", [{"text": "seen by"}]), 422),
    "study with a referrer": (in_study("referrer", {"display": "Dr. X"}), 422),
    "study with primitive extensions": (in_study("_started", {"extension": []}), 422),
    "study with a named patient": (in_study("subject", {"display": "Anna"}), 422),
    "study with a BSN that is none": (in_study("subject", {"identifier": {"system": "b", "value": "1"}}), 422),
    "study without subject": (without("subject"), 422),
    "study without publication basis": (without("meta"), 422),
    "study on an unknown basis": (
        in_study("meta", {"tag": [{"system": "urn:beeldpas:publication-basis", "code": "curiosity"}]}),
        422,
    ),
    "study without provenance": (without("extension"), 422),
    "study without status": (without("status"), 422),
    "study with two UIDs": (
        lambda study, r, e: study["identifier"].append({"system": "urn:dicom:uid", "value": "urn:oid:1.2"}),
        422,
    ),
    "study with a UID that is none": (
        in_study("identifier", [{"system": "urn:dicom:uid", "value": "urn:oid:1.2."}]),
        422,
    ),
    "study with another number of the patient": (
        lambda study, r, e: study["identifier"].append({"system": "urn:x", "value": "77"}),
        422,
    ),
    "series with a UID that is none": (in_series(uid="1..2"), 422),
    "series without modality": (lambda study, r, e: study["series"][0].pop("modality"), 422),
    "series with its instances": (in_series(instance=[{"uid": "1.2"}]), 422),
    "a count below zero": (in_study("numberOfInstances", -1), 422),
    "a count that is a text": (in_study("numberOfInstances", "120"), 422),
    "a day that does not exist": (in_study("started", "2024-02-30"), 422),
    "a text with a control character": (in_study("description", "CT\u0000thorax"), 422),
    "a text with half a character": (in_study("description", "CT \ud800"), 422),
    "an empty list": (in_study("procedureCode", []), 422),
    "a study at another hospital's endpoint": (in_study("endpoint", [{"reference": "Endpoint/west"}]), 403),
    "a study at no endpoint": (without("endpoint"), 403),
    "another hospital as custodian": (
        lambda study, r, e: study["extension"][1]["valueIdentifier"].update(value="90000102"),
        403,
    ),
    "another hospital's endpoint": (in_endpoint("id", "west"), 403),
    "an endpoint at another address": (in_endpoint("address", "http://169.254.169.254/"), 403),
    "an endpoint that only looks like ours": (
        in_endpoint("address", "http://noord.localhost:9001@evil.example/"),
        403,
    ),
    "an endpoint of another organisation": (
        in_endpoint("managingOrganization", {"identifier": {"system": URA, "value": "90000102"}}),
        403,
    ),
    "an endpoint for something else": (in_endpoint("connectionType", {"code": "hl7-fhir-rest"}), 422),
    "an endpoint with a secret header": (in_endpoint("header", ["Authorization: x"]), 422),
    "a patient": (in_endpoint("resourceType", "Patient"), 422),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_one_entry_that_may_not_be_published_leaves_nothing_behind(town: Town, name: str) -> None:
    anna = somebody()
    good, bad = a_study(anna), a_study(anna)
    bundle = transaction(town.hospital("noord"), [good, bad])
    endpoint, study, report = (bundle["entry"][number]["resource"] for number in (0, 3, 4))
    spoil, status = REFUSED[name]
    spoil(study, report, endpoint)
    answer = await town.send("noord", bundle)
    assert answer.status_code == status, answer.text
    outcome = answer.json()
    assert outcome["resourceType"] == "OperationOutcome"
    assert "Bundle.entry[" in outcome["issue"][0]["diagnostics"]
    assert anna.reveal() not in answer.text
    assert (await town.search(anna)).json()["total"] == 0


async def test_a_bsn_outside_the_subject_is_refused(town: Town) -> None:
    anna = somebody()
    for study in (
        a_study(anna, description=f"CT van {anna.reveal()}"),
        a_study(anna, accession=anna.reveal()),
        a_study(anna, study_uid=f"{new_uid()}.{anna.reveal()}"),
    ):
        answer = await town.publish("noord", study)
        assert answer.status_code == 422
        assert anna.reveal() not in answer.text
    assert (await town.search(anna)).json()["total"] == 0


REQUESTS: dict[str, tuple[dict[str, Any], int]] = {
    "a delete": ({"method": "DELETE", "url": "Endpoint/noord"}, 422),
    "a create": ({"method": "POST", "url": "ImagingStudy"}, 422),
    "an address of another kind": ({"method": "PUT", "url": "Patient/1"}, 422),
    "a logical id": ({"method": "PUT", "url": "ImagingStudy/1"}, 422),
    "another study": ({"method": "PUT", "url": "ImagingStudy?identifier=urn:dicom:uid|urn:oid:1.2.3"}, 422),
    "two conditions": ({"method": "PUT", "url": "ImagingStudy?identifier=a|b&identifier=c|d"}, 422),
    "a BSN in the address": (
        {"method": "PUT", "url": "ImagingStudy?identifier=http://fhir.nl/fhir/NamingSystem/bsn|999990019"},
        400,
    ),
    "a patient in the address": ({"method": "PUT", "url": "ImagingStudy?patient=Patient/7"}, 400),
    "no address": ({"method": "PUT"}, 422),
}


@pytest.mark.parametrize("name", REQUESTS)
async def test_an_entry_is_put_under_its_own_identifier_only(town: Town, name: str) -> None:
    anna = somebody()
    bundle = transaction(town.hospital("noord"), [a_study(anna, reports=())])
    bundle["entry"][1]["request"], status = REQUESTS[name]
    assert (await town.send("noord", bundle)).status_code == status
    assert (await town.search(anna)).json()["total"] == 0


async def test_one_entry_twice_in_a_bundle_is_refused(town: Town) -> None:
    anna = somebody()
    study = a_study(anna, reports=())
    assert (await town.publish("noord", study, study)).status_code == 422
    assert (await town.search(anna)).json()["total"] == 0


async def test_a_study_needs_an_endpoint_first(town: Town) -> None:
    anna = somebody()
    bundle = transaction(town.hospital("zuid"), [a_study(anna)])
    del bundle["entry"][0]
    assert (await town.send("zuid", bundle)).status_code == 422
    assert (await town.search(anna)).json()["total"] == 0


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"[]", 400),
        (b'{"resourceType": "Bundle", "type": "transaction"', 400),
        (b'{"resourceType": "Bundle", "type": "transaction", "entry": NaN}', 400),
        (b"[" * 100_000, 400),
        (b'{"resourceType": "Bundle", "type": "batch", "entry": [{}]}', 422),
        (b'{"resourceType": "Bundle", "type": "transaction", "entry": []}', 422),
        (b'{"resourceType": "Bundle", "type": "transaction", "entry": [{}]}', 422),
        (b'{"resourceType": "Bundle", "type": "transaction", "entry": [7]}', 422),
        (b'{"resourceType": "Patient"}', 422),
        (b" " * 16_000_001, 413),
    ],
    ids=lambda one: str(one[:30]) if isinstance(one, bytes) else str(one),
)
async def test_a_body_that_is_no_transaction_is_refused(town: Town, body: bytes, status: int) -> None:
    async with town.client() as client:
        headers = {"Authorization": f"Bearer {await town.token(client, 'noord')}"}
        answer = await client.post(f"{town.base_url}/fhir", content=body, headers=headers)
    assert answer.status_code == status
    assert answer.json()["resourceType"] == "OperationOutcome"


async def test_a_hospital_cannot_touch_what_another_published(town: Town) -> None:
    anna = somebody()
    study = a_study(anna)
    await town.publish("noord", study)
    # The same identifiers, sent by another hospital as its own: it gets an entry of its own, nothing of ours changes.
    await town.publish("west", replace(study, description="something else", withdrawn=True))
    (kept,) = await found(town, anna)
    assert (kept["description"], kept["extension"][1]["valueIdentifier"]["value"]) == ("CT thorax", NOORD.ura)
    # And as the other's: refused.
    assert (await town.send("west", transaction(town.hospital("noord"), [study]))).status_code == 403


# Many at once


async def test_messages_that_cross_each_other_end_in_one_state(town: Town) -> None:
    anna = somebody()
    studies = [a_study(anna) for _ in range(6)]
    await town.publish("noord")
    orders = [[*studies], [*reversed(studies)]] * 4
    told = [
        [replace(study, description=f"version {number}") for study in order] for number, order in enumerate(orders)
    ]
    answers = await asyncio.gather(*(town.publish("noord", *order) for order in told))
    assert [answer.status_code for answer in answers] == [200] * 8
    entries = await found(town, anna)
    assert len(entries) == 6
    assert {one["meta"]["versionId"] for one in entries} == {"8"}
    assert len({one["description"] for one in entries}) == 1  # one message won as a whole


async def test_of_many_updates_of_one_version_one_is_taken(town: Town) -> None:
    study = a_study(somebody())
    await town.publish("noord", study)
    changes = [replace(study, description=f"change {number}") for number in range(8)]
    answers = await asyncio.gather(*(put(town, change, 'W/"1"') for change in changes))
    assert sorted(answer.status_code for answer in answers) == [200, *[412] * 7]
