"""Hospitals that name the instances of a study: kept whole, read back by version, apart from every history."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, select
from tests.index_town import Town, a_study, registry_town, somebody, with_instances

from beeldpas.database.engine import open_engine, transaction
from beeldpas.formats.fhir.bundles import transaction as bundle_of
from beeldpas.formats.fhir.publication import PublishedInstance, PublishedStudy
from beeldpas.registry.store.tables import imaging_study, study_instances


@pytest.fixture(scope="module")
def town(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with registry_town(database_url, tmp_path_factory.mktemp("town")) as town:
        yield town


async def entry_of(town: Town, study: PublishedStudy) -> dict[str, Any]:
    """The study as its patient's answer has it."""
    bundle = (await town.search(study.bsn)).json()
    (found,) = (one["resource"] for one in bundle["entry"] if one["search"]["mode"] == "match")
    return dict(found)


def uids(resource: dict[str, Any]) -> list[str]:
    return [one["uid"] for series in resource.get("series", []) for one in series.get("instance", [])]


async def test_a_history_has_none_of_them_and_their_hospital_reads_them_back(town: Town) -> None:
    study = with_instances(a_study(somebody()))
    assert (await town.publish("noord", study)).status_code == 200
    entry = await entry_of(town, study)
    assert uids(entry) == [] and entry["numberOfInstances"] == 120
    own = (await town.read("noord", f"ImagingStudy/{entry['id']}")).json()
    assert uids(own) == [one.sop_uid for one in study.series[0].listed]
    assert own["series"][0]["instance"][0]["sopClass"]["code"] == "urn:oid:1.2.840.10008.5.1.4.1.1.2"


async def test_every_version_has_its_own_list(town: Town) -> None:
    study = a_study(somebody(), reports=())
    named = with_instances(study)
    longer = PublishedInstance(f"{study.study_uid}.7.1", "1.2.840.10008.5.1.4.1.1.2")
    (series,) = named.series
    more = replace(named, series=(replace(series, instances=121, listed=(*series.listed, longer)),))
    answers = [(await town.publish("noord", one)).json() for one in (study, named, named, more, study)]
    assert [one["entry"][1]["response"]["etag"] for one in answers] == [
        'W/"1"', 'W/"2"', 'W/"2"', 'W/"3"', 'W/"4"'
    ], "naming them is a change; naming the same ones is none"  # fmt: skip
    address = f"ImagingStudy/{(await entry_of(town, study))['id']}"
    history = (await town.read("noord", f"{address}/_history")).json()
    assert [len(uids(one["resource"])) for one in history["entry"]] == [0, 121, 120, 0]
    assert len(uids((await town.read("noord", f"{address}/_history/2")).json())) == 120


async def test_they_stay_with_the_entry_and_under_nobodys_name_when_it_moves(town: Town) -> None:
    study = with_instances(a_study(somebody(), reports=()))
    await town.publish("noord", study)
    moved = replace(study, bsn=somebody())
    await town.publish("noord", moved)
    entry = await entry_of(town, moved)
    assert len(uids((await town.read("noord", f"ImagingStudy/{entry['id']}")).json())) == 120
    assert (await town.search(study.bsn)).json()["total"] == 0
    assert {column.name for column in study_instances.columns} == {"entry_id", "version", "packed"}


async def test_a_withdrawn_study_lists_nothing_any_more(town: Town) -> None:
    study = with_instances(a_study(somebody(), reports=()))
    await town.publish("noord", study)
    entry = await entry_of(town, study)
    await town.publish("noord", replace(study, withdrawn=True))
    assert uids((await town.read("noord", f"ImagingStudy/{entry['id']}")).json()) == []
    engine = open_engine(town.settings.database_url)
    async with transaction(engine) as connection:
        this = imaging_study.c.entry_id == entry["id"]
        marks = list((await connection.execute(select(imaging_study.c.listed).where(this))).scalars())
    await engine.dispose()
    assert marks == [False]


async def test_a_list_that_is_not_whole_or_has_the_number_in_it_leaves_nothing_behind(town: Town) -> None:
    study = with_instances(a_study(somebody(), reports=()))
    number = study.bsn.reveal()
    for change in ({"uid": "1.2.x"}, {"uid": f"1.2.{number}"}, {"title": "words"}):
        bundle = bundle_of(town.hospital("noord"), [study])
        bundle["entry"][1]["resource"]["series"][0]["instance"][3].update(change)
        refused = await town.send("noord", bundle)
        assert (refused.status_code, refused.json()["resourceType"]) == (422, "OperationOutcome")
        assert "Bundle.entry[1]" in refused.text and number not in refused.text and "words" not in refused.text
    engine = open_engine(town.settings.database_url)
    async with transaction(engine) as connection:
        entries = await connection.execute(select(func.count()).where(imaging_study.c.key == study.study_uid))
        assert entries.scalar_one() == 0
    await engine.dispose()


async def test_its_digest_is_of_all_that_was_published(town: Town) -> None:
    study = a_study(somebody(), reports=())
    digests = []
    for one in (study, with_instances(study)):
        await town.publish("noord", one)
        listed = (await town.read("noord", "ImagingStudy?_elements=identifier,status")).json()
        (told,) = [each["resource"] for each in listed["entry"] if study.study_uid in json.dumps(each)]
        digests.append(told["meta"]["tag"][1]["code"])
    assert digests[0] != digests[1]
