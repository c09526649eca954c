"""Hospitals publish over real HTTP: what they may say is kept whole, what they may not leaves nothing behind."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.index_town import Town, a_study, registry_town, somebody

from beeldpas.formats.fhir.bundles import transaction
from beeldpas.formats.fhir.publication import study_resource


@pytest.fixture(scope="module")
def town(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with registry_town(database_url, tmp_path_factory.mktemp("town")) as town:
        yield town


def resources(bundle: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [one["resource"] for one in bundle.get("entry", []) if one["resource"]["resourceType"] == kind]


async def test_what_a_hospital_publishes_is_found_with_its_report_and_where_to_fetch_it(town: Town) -> None:
    anna = somebody()
    study = a_study(anna)
    published = await town.publish("noord", study)
    assert published.status_code == 200
    assert [one["response"]["status"][:3] for one in published.json()["entry"]][1:] == ["201", "201"]

    bundle = (await town.search(anna)).json()
    (found,), (report,), (endpoint,) = (
        resources(bundle, kind) for kind in ("ImagingStudy", "DiagnosticReport", "Endpoint")
    )
    assert bundle["total"] == 1
    assert found["identifier"][0]["value"] == f"urn:oid:{study.study_uid}"
    assert found["subject"]["identifier"]["value"] == anna.reveal()
    assert found["endpoint"] == [{"reference": "Endpoint/noord"}]
    assert report["imagingStudy"][0]["reference"] == f"ImagingStudy/{found['id']}"
    assert (endpoint["id"], endpoint["address"]) == ("noord", town.addresses["noord"] + "/dicom-web")
    assert [one["search"]["mode"] for one in bundle["entry"]] == ["match", "include", "include"]
