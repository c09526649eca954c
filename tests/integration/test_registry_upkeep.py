"""What whoever keeps the registry running sees of it, and that it speaks FHIR whatever nobody foresaw."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.index_town import Town, a_study, registry_town, somebody
from tests.memory_pseudonyms import MemoryPseudonyms

from beeldpas.domain.bsn import BSN


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder: Path = tmp_path_factory.mktemp("town")
    with registry_town(f"sqlite+aiosqlite:///{folder}/registry.db", folder) as town:
        yield town


async def counted(town: Town) -> str:
    async with town.client() as client:
        return (await client.get(f"{town.base_url}/metrics")).text


async def test_questions_and_messages_are_counted_and_nobody_is_named(town: Town) -> None:
    anna = somebody()
    await town.publish("noord", a_study(anna))
    await town.search(anna)
    await town.search(anna, "no token")
    told = await counted(town)
    assert 'beeldpas_registry_questions_total{outcome="answered"}' in told
    assert 'beeldpas_registry_questions_total{outcome="invalid_token"}' in told
    assert 'beeldpas_registry_published_total{hospital="noord"}' in told
    assert 'beeldpas_registry_seconds_count{route="/fhir/ImagingStudy/_search"}' in told
    assert anna.reveal() not in told and "n1." not in told


async def test_counts_are_for_the_machine_itself(town: Town) -> None:
    async with town.client() as client:
        answer = await client.get(f"{town.base_url}/metrics", headers={"X-Forwarded-For": "192.0.2.1"})
    assert (answer.status_code, answer.json()["resourceType"]) == (404, "OperationOutcome")


async def refused(town: Town) -> float:
    """How many messages of the hospital in the west were no resource; the count is the process's, over all towns."""
    found = re.search(r'messages_refused_total{hospital="west",reason="invalid_resource"} (\S+)', await counted(town))
    return float(found[1]) if found else 0.0


async def test_a_refused_message_is_counted_with_its_reason(town: Town) -> None:
    before = await refused(town)
    await town.send("west", {"resourceType": "Bundle", "type": "transaction", "entry": []})
    assert await refused(town) == before + 1


async def test_what_nobody_foresaw_is_an_operation_outcome_with_a_number(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(_names: MemoryPseudonyms, bsn: BSN) -> tuple[str, ...]:
        raise RuntimeError(bsn.reveal())

    monkeypatch.setattr(MemoryPseudonyms, "names", broken)
    anna = somebody()
    answer = await town.search(anna)
    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/fhir+json")
    (issue,) = answer.json()["issue"]
    assert (issue["severity"], issue["code"]) == ("error", "exception")
    assert issue["diagnostics"].startswith("server error: incident ")
    assert anna.reveal() not in answer.text
