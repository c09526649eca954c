"""A long history comes in pages, and no address of a page tells whose it is."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from tests.cast import NOW
from tests.index_town import CLINIC, OWN, Town, a_study, new_uid, registry_town, somebody

from beeldpas.domain.bsn import BSN
from beeldpas.formats.question import Question


@pytest.fixture(scope="module")
def town(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with registry_town(database_url, tmp_path_factory.mktemp("town")) as town:
        yield town


@pytest.fixture(autouse=True)
def _today(town: Town) -> None:
    town.clock.now = NOW


def studies_in(bundle: Any) -> list[str]:
    found = [one["resource"] for one in bundle.get("entry", [])]
    return [one["identifier"][0]["value"] for one in found if one["resourceType"] == "ImagingStudy"]


async def seven(town: Town) -> tuple[BSN, list[str]]:
    """Somebody with seven studies, newest first; two of one day, one of an unknown day."""
    anna = somebody()
    days = [
        date(2024, 5, 1),
        date(2024, 4, 1),
        date(2024, 4, 1),
        date(2023, 1, 1),
        date(2022, 1, 1),
        date(2020, 1, 1),
    ]
    studies = [a_study(anna, started=day) for day in (*days, None)]
    await town.publish("noord", *studies)
    return anna, [f"urn:oid:{study.study_uid}" for study in studies]


async def test_pages_together_are_the_whole_history_each_study_once_newest_first(town: Town) -> None:
    anna, uids = await seven(town)
    answer = await town.search(anna, _count="2")
    found, sizes = [], []
    while True:
        bundle = answer.json()
        found += studies_in(bundle)
        sizes.append(len(studies_in(bundle)))
        assert bundle["total"] == 7
        if not any(link["relation"] == "next" for link in bundle["link"]):
            break
        answer = await town.follow(bundle)
    assert sizes == [2, 2, 2, 1]
    assert sorted(found) == sorted(uids)
    assert (found[0], set(found[1:3]), found[3:]) == (uids[0], set(uids[1:3]), uids[3:])


async def test_each_page_has_the_reports_and_endpoints_of_its_own_studies(town: Town) -> None:
    anna, _ = await seven(town)
    page = (await town.follow((await town.search(anna, _count="3")).json())).json()
    kinds = [one["resource"]["resourceType"] for one in page["entry"]]
    assert [kinds.count(kind) for kind in ("ImagingStudy", "DiagnosticReport", "Endpoint")] == [3, 3, 1]
    held = {f"ImagingStudy/{one['resource']['id']}" for one in page["entry"]}
    reports = [one["resource"] for one in page["entry"] if one["resource"]["resourceType"] == "DiagnosticReport"]
    assert {one["imagingStudy"][0]["reference"] for one in reports} <= held


async def test_a_next_link_tells_nothing_of_the_person(town: Town) -> None:
    anna, uids = await seven(town)
    bundle = (await town.search(anna, _count="2")).json()
    (address,) = [link["url"] for link in bundle["link"] if link["relation"] == "next"]
    name = (await town.pseudonyms.names(anna))[0]
    for trace in (anna.reveal(), name, name.partition(".")[2], uids[1].removeprefix("urn:oid:")):
        assert trace not in address
    again = (await town.search(anna, _count="2")).json()
    assert again["link"] != bundle["link"], "two links of one person cannot be put side by side"


async def test_a_next_link_is_for_who_got_it_and_for_ten_minutes(town: Town) -> None:
    anna, _ = await seven(town)
    bundle = (await town.search(anna, _count="2")).json()
    other = Question("patient", "patient", "p1.deadbeef", "Beeldpas", "PATRQT", "own")
    assert (await town.follow(bundle, town.question(other))).status_code == 400
    assert (await town.follow(bundle, town.question(issuer=CLINIC))).status_code == 400
    assert (await town.follow(bundle, "no token")).status_code == 401
    assert (await town.follow(bundle)).status_code == 200
    town.clock.now = NOW + timedelta(minutes=10, seconds=1)
    old = await town.follow(bundle)
    assert (old.status_code, old.json()["resourceType"]) == (400, "OperationOutcome")


@pytest.mark.parametrize("page", ["", "x", "A" * 200, "%%%", "=" * 80])
async def test_a_made_up_page_is_refused(town: Town, page: str) -> None:
    async with town.client() as client:
        headers = {"Authorization": f"Bearer {town.question()}"}
        answer = await client.get(f"{town.base_url}/fhir/ImagingStudy", params={"_page": page}, headers=headers)
    assert (answer.status_code, answer.json()["issue"][0]["diagnostics"]) == (400, "page not known")


async def test_only_what_changed_since_is_told_when_that_is_asked(town: Town) -> None:
    anna = somebody()
    await town.publish("noord", a_study(anna))
    town.clock.now = NOW + timedelta(days=2)
    new = a_study(anna)
    await town.publish("noord", new)
    day = (NOW + timedelta(days=1)).date().isoformat()
    assert studies_in((await town.search(anna, _lastUpdated=f"ge{day}")).json()) == [f"urn:oid:{new.study_uid}"]
    assert (await town.search(anna, _lastUpdated=f"le{day}")).json()["total"] == 1
    assert (await town.search(anna, _lastUpdated=f"gt{town.clock.now.isoformat()}")).json()["total"] == 0
    assert (await town.search(anna, _lastUpdated=town.clock.now.date().isoformat())).json()["total"] == 1


@pytest.mark.parametrize(
    "form",
    [
        {"_count": "0"},
        {"_count": "-1"},
        {"_count": "x"},
        {"_lastUpdated": "yesterday"},
        {"_lastUpdated": "ne2024-01-01"},
        {"_lastUpdated": "2024-02-30"},
    ],
    ids=str,
)
async def test_a_page_that_cannot_be_meant_is_refused(town: Town, form: dict[str, str]) -> None:
    assert (await town.search(somebody(), **form)).status_code == 400


async def test_no_answer_is_longer_than_a_thousand_studies(town: Town) -> None:
    anna = somebody()
    studies = [a_study(anna, reports=(), study_uid=new_uid()) for _ in range(1001)]
    for begin in (0, 900):
        assert (await town.publish("noord", *studies[begin : begin + 900])).status_code == 200
    bundle = (await town.search(anna, _count="5000")).json()
    assert (bundle["total"], len(studies_in(bundle))) == (1001, 1000)
    assert len(studies_in((await town.follow(bundle)).json())) == 1


# A hospital's own list


async def test_a_hospital_lists_what_it_has_registered_and_no_more(town: Town) -> None:
    anna = somebody()
    mine = [a_study(anna, study_uid=new_uid()) for _ in range(5)]
    await town.publish("zuid", *mine)
    await town.publish("west", a_study(anna))
    found, path = [], "ImagingStudy?_elements=identifier,status&_count=2"
    while path:
        answer = await town.read("zuid", path)
        bundle = answer.json()
        assert anna.reveal() not in answer.text and "n1." not in answer.text
        found += studies_in(bundle)
        following = [link["url"] for link in bundle["link"] if link["relation"] == "next"]
        path = following[0].partition("/fhir/")[2] if following else ""
    assert sorted(found) == sorted(f"urn:oid:{one.study_uid}" for one in mine)


async def test_a_list_is_asked_for_in_one_way(town: Town) -> None:
    for path in ("ImagingStudy", "ImagingStudy?_elements=identifier", "ImagingStudy?_elements=identifier,status&x=1"):
        assert (await town.read("zuid", path)).status_code == 400
    async with town.client() as client:
        headers = {"Authorization": f"Bearer {town.question(OWN)}"}
        answer = await client.get(f"{town.base_url}/fhir/ImagingStudy?_elements=identifier,status", headers=headers)
    assert answer.status_code == 401
