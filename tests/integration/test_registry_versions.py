"""What a hospital published before can be read back by that hospital, version by version, and by nobody else."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from tests.index_town import Town, a_study, new_uid, registry_town, somebody

from beeldpas.formats.fhir.bundles import conditional_url
from beeldpas.formats.fhir.publication import PublishedStudy, uid_identifier


@pytest.fixture(scope="module")
def town(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with registry_town(database_url, tmp_path_factory.mktemp("town")) as town:
        yield town


async def id_of(town: Town, study: PublishedStudy) -> str:
    """The logical id of a study, as its patient's answer names it."""
    bundle = (await town.search(study.bsn)).json()
    matches = [one["resource"] for one in bundle["entry"] if one["search"]["mode"] == "match"]
    found = {one["identifier"][0]["value"]: one["id"] for one in matches}
    return str(found[f"urn:oid:{study.study_uid}"])


async def take_out(town: Town, study_uid: str, if_match: str = "", gateway_id: str = "noord") -> Any:
    url = f"{town.base_url}/fhir/{conditional_url('ImagingStudy', uid_identifier(study_uid))}"
    async with town.client() as client:
        headers = {"Authorization": f"Bearer {await town.token(client, gateway_id)}"}
        return await client.delete(url, headers=headers | ({"If-Match": if_match} if if_match else {}))


async def test_every_version_of_an_entry_can_be_read_back(town: Town) -> None:
    study = a_study(somebody())
    for words in ("CT", "CT thorax", "CT thorax met contrast"):
        await town.publish("noord", replace(study, description=words))
    address = f"ImagingStudy/{await id_of(town, study)}"
    history = (await town.read("noord", f"{address}/_history")).json()
    assert (history["type"], history["total"]) == ("history", 3)
    assert [one["resource"]["description"] for one in history["entry"]] == [
        "CT thorax met contrast",
        "CT thorax",
        "CT",
    ]
    assert [one["response"]["etag"] for one in history["entry"]] == ['W/"3"', 'W/"2"', 'W/"1"']
    second = await town.read("noord", f"{address}/_history/2")
    assert (second.json()["description"], second.headers["etag"]) == ("CT thorax", 'W/"2"')
    newest = await town.read("noord", address)
    assert (newest.json()["meta"]["versionId"], newest.headers["etag"]) == ("3", 'W/"3"')
    assert (await town.read("noord", f"{address}/_history/4")).status_code == 404


async def test_nothing_that_is_read_back_says_whose_it_is(town: Town) -> None:
    anna, bram = somebody(), somebody()
    study = a_study(anna)
    await town.publish("noord", study)
    await town.publish("noord", replace(study, bsn=bram))
    answer = await town.read("noord", f"ImagingStudy/{await id_of(town, replace(study, bsn=bram))}/_history")
    assert answer.json()["total"] == 2
    assert [one["resource"]["subject"] for one in answer.json()["entry"]] == [
        {"extension": [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "masked"}]}
    ] * 2
    assert anna.reveal() not in answer.text and bram.reveal() not in answer.text and "n1." not in answer.text


async def test_another_hospitals_entry_is_not_there(town: Town) -> None:
    study = a_study(somebody())
    await town.publish("noord", study)
    await town.publish("west")
    address = f"ImagingStudy/{await id_of(town, study)}"
    for path in (address, f"{address}/_history", f"{address}/_history/1"):
        answer = await town.read("west", path)
        assert (answer.status_code, answer.json()["resourceType"]) == (404, "OperationOutcome")
    assert (await take_out(town, study.study_uid, gateway_id="west")).status_code == 204, "there is none of theirs"
    assert (await town.search(study.bsn)).json()["total"] == 1


async def test_reports_have_versions_too(town: Town) -> None:
    study = a_study(somebody())
    await town.publish("noord", study)
    await town.publish("noord", replace(study, reports=(replace(study.reports[0], status="amended"),)))
    bundle = (await town.search(study.bsn)).json()
    (report,) = [one["resource"] for one in bundle["entry"] if one["resource"]["resourceType"] == "DiagnosticReport"]
    history = (await town.read("noord", f"DiagnosticReport/{report['id']}/_history")).json()
    assert [one["resource"]["status"] for one in history["entry"]] == ["amended", "final"]


async def test_what_is_taken_out_is_gone_and_its_name_with_it(town: Town) -> None:
    study = a_study(somebody())
    await town.publish("noord", study)
    address = f"ImagingStudy/{await id_of(town, study)}"
    assert (await take_out(town, study.study_uid)).status_code == 204
    assert (await town.search(study.bsn)).json()["total"] == 0
    gone = await town.read("noord", address)
    assert (gone.status_code, gone.json()["issue"][0]["code"]) == (410, "deleted")
    assert (await town.read("noord", f"{address}/_history/1")).json()["description"] == "CT thorax"
    history = (await town.read("noord", f"{address}/_history")).json()
    assert [one["request"]["method"] for one in history["entry"]] == ["DELETE", "PUT"]
    assert (await take_out(town, study.study_uid)).status_code == 204
    assert (await town.read("noord", f"{address}/_history")).json()["total"] == 2, "twice is once"


async def test_what_was_taken_out_can_be_published_again_as_a_later_version(town: Town) -> None:
    study = a_study(somebody(), reports=())
    await town.publish("noord", study)
    address = f"ImagingStudy/{await id_of(town, study)}"
    await take_out(town, study.study_uid)
    again = await town.publish("noord", study)
    assert again.json()["entry"][1]["response"]["status"] == "201 Created"
    assert again.json()["entry"][1]["response"]["etag"] == 'W/"3"'
    history = (await town.read("noord", f"{address}/_history")).json()
    assert [one["request"]["method"] for one in history["entry"]] == ["PUT", "DELETE", "PUT"]


async def test_taking_out_an_older_version_is_refused(town: Town) -> None:
    study = a_study(somebody())
    await town.publish("noord", study)
    await town.publish("noord", replace(study, description="2"))
    assert (await take_out(town, study.study_uid, 'W/"1"')).status_code == 412
    assert (await take_out(town, new_uid(), 'W/"1"')).status_code == 412
    assert (await take_out(town, study.study_uid, 'W/"2"')).status_code == 204


async def test_a_transaction_takes_out_beside_what_it_brings(town: Town) -> None:
    anna = somebody()
    old, new = a_study(anna, reports=()), a_study(anna, reports=())
    await town.publish("noord", old)
    url = conditional_url("ImagingStudy", uid_identifier(old.study_uid))
    bundle = {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [{"request": {"method": "DELETE", "url": url}}],
    }
    assert (await town.send("noord", bundle)).json()["entry"][0]["response"]["status"] == "204 No Content"
    await town.publish("noord", new)
    assert (await town.search(anna)).json()["total"] == 1
    for wrong in ("Endpoint/noord", "ImagingStudy", "Patient?identifier=a|b"):
        bundle["entry"] = [{"request": {"method": "DELETE", "url": wrong}}]
        assert (await town.send("noord", bundle)).status_code == 422


async def test_many_messages_at_once_make_one_entry(town: Town) -> None:
    study = a_study(somebody())
    await town.publish("noord")
    answers = await asyncio.gather(*(town.publish("noord", study) for _ in range(8)))
    assert [answer.status_code for answer in answers] == [200] * 8
    created = [one["response"]["status"] for answer in answers for one in answer.json()["entry"][1:]]
    assert created.count("201 Created") == 2, "one study and one report"
    assert (await town.search(study.bsn)).json()["total"] == 1
