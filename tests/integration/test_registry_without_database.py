"""The registry's database goes away and comes back: no half answers, no half entries, nothing lost."""

import httpx2
import pytest
from tests.index_town import Town, a_study, registry_town, somebody, token_form
from tests.postgres import Cluster

from beeldpas.formats.fhir.bundles import transaction


async def test_when_the_database_is_gone_nothing_is_said_and_it_comes_back(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    cluster = Cluster.start()
    try:
        with registry_town(cluster.create("registry"), tmp_path_factory.mktemp("town")) as town:
            anna = somebody()
            await town.publish("noord", a_study(anna))
            async with town.client() as client:
                token = await town.token(client, "noord")
                cluster.pause()
                await _nothing_works(town, client, token)
                cluster.resume()
                assert (await client.get(f"{town.base_url}/health/ready")).status_code == 200
            assert (await town.search(anna)).json()["total"] == 1
    finally:
        cluster.stop()


async def _nothing_works(town: Town, client: httpx2.AsyncClient, token: str) -> None:
    search = await town.search(somebody())
    endpoint = transaction(town.hospital("noord"), [])
    headers = {"Authorization": f"Bearer {token}"}
    publish = await client.post(f"{town.base_url}/fhir", json=endpoint, headers=headers)
    for answer in (search, publish):
        assert (answer.status_code, answer.json()["resourceType"]) == (503, "OperationOutcome")
        assert answer.headers["retry-after"]
    asked = await client.post(f"{town.base_url}/token", data=token_form(town.assertion("noord")))
    assert (asked.status_code, asked.json()) == (503, {"error": "temporarily_unavailable"})
    assert (await client.get(f"{town.base_url}/health/live")).status_code == 200
    assert (await client.get(f"{town.base_url}/health/ready")).status_code == 503
