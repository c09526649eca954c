"""The registry answers whatever anybody asks as its OpenAPI document says, signed by whom it may be or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.described import ask, labels
from tests.house.openapi import document
from tests.index_town import Town, registry_town

from beeldpas.formats.assertion import CLIENT_ASSERTION_TYPE

DOCUMENT = document("registry")
ROLES = ("anybody", "hospital", "portal", "index reader")


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder: Path = tmp_path_factory.mktemp("registry")
    with registry_town(f"sqlite+aiosqlite:///{folder}/registry.db", folder, mhd=True) as found:
        yield found


def headers_of(town: Town, role: str) -> Callable[[], Mapping[str, str]]:
    """What a request of this role carries: a question is signed anew for each, since it counts once."""
    token = asyncio.run(_token(town)) if role == "hospital" else ""

    def headers() -> Mapping[str, str]:
        bearer = {"hospital": lambda: token, "portal": town.question, "index reader": town.about_documents}.get(role)
        return {"Authorization": f"Bearer {bearer()}"} if bearer else {}

    return headers


async def _token(town: Town) -> str:
    async with town.client() as client:
        return await town.token(client, "noord")


def sign(town: Town) -> Callable[[Any], None]:
    """Put what gets a request past the first look into it."""

    def change(case: Any) -> None:
        if not isinstance(case.body, dict):
            return
        if case.path == "/token":
            case.body |= {
                "grant_type": "client_credentials",
                "client_assertion_type": CLIENT_ASSERTION_TYPE,
                "client_assertion": town.assertion("noord"),
            }
        kind = case.path.rpartition("/fhir/")[2].partition("/")[0]
        case.body |= {"resourceType": kind} if kind in {"ImagingStudy", "DiagnosticReport", "Endpoint"} else {}
        if case.path.rstrip("/") == "/fhir":
            case.body |= {"resourceType": "Bundle", "type": "transaction"}

    return change


@pytest.mark.parametrize("role", ROLES)
def test_no_request_of_any_role_breaks_the_registry_or_gets_an_undeclared_answer(town: Town, role: str) -> None:
    assert asked(town, role, 4) == []


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("role", ROLES)
def test_no_odd_request_breaks_the_registry_either(town: Town, role: str) -> None:
    assert asked(town, role, 25, negative=True) == []


def asked(town: Town, role: str, examples: int, *, negative: bool = False) -> list[str]:
    """Ask every address; returns what was wrong."""
    told = headers_of(town, role)
    change = None if role == "anybody" else sign(town)
    return [
        line
        for label in labels(DOCUMENT)
        for line in ask(
            DOCUMENT,
            f"http://127.0.0.1:{town.settings.port}",
            label,
            examples=examples,
            headers=told,
            change=change,
            negative=negative,
        )
    ]
