"""The kinds of registry that can be set are those that can be opened, and each names all that it calls."""

from typing import get_args

import httpx2
import pytest
from joserfc.jwk import KeySet
from pydantic import ValidationError
from tests.cast import NOW
from tests.index_town import PORTAL

from beeldpas.portal.directory import Directory
from beeldpas.portal.registries.kinds import KINDS
from beeldpas.portal.registries.question import Signer
from beeldpas.portal.settings import RegistrySettings

AROUND = {
    "pseudonyms_url": "https://names.example",
    "addressing_url": "https://addresses.example/fhir",
    "recipient": "oin:00000099000000001000",
}


def test_what_can_be_set_can_be_opened() -> None:
    assert set(get_args(RegistrySettings.model_fields["kind"].annotation)) == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
async def test_each_kind_opens_under_its_name(kind: str) -> None:
    told = {"name": "Regio", "kind": kind, "base_url": "https://index.example"} | (AROUND if kind == "nvi" else {})
    async with httpx2.AsyncClient() as client:
        signer = Signer(PORTAL, KeySet([]), lambda: NOW)
        opened = KINDS[kind](RegistrySettings.model_validate(told), client, signer, Directory(()))
    assert opened.name == "Regio"


def test_every_address_of_a_registry_is_on_its_list() -> None:
    xds = {
        "name": "r",
        "kind": "xds",
        "base_url": "https://index.example",
        "repositories": {"1.2": "https://a.example"},
    }
    assert RegistrySettings.model_validate(xds).addresses == ("https://index.example", "https://a.example")
    nvi = {"name": "r", "kind": "nvi", "base_url": "https://index.example", **AROUND}
    assert RegistrySettings.model_validate(nvi).addresses == (
        "https://index.example",
        "https://names.example",
        "https://addresses.example/fhir",
    )


@pytest.mark.parametrize("missing", AROUND)
def test_an_index_without_its_services_is_refused(missing: str) -> None:
    told = {"name": "r", "kind": "nvi", "base_url": "https://index.example", **AROUND}
    del told[missing]
    with pytest.raises(ValidationError):
        RegistrySettings.model_validate(told)
