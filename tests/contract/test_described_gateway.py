"""A gateway answers whatever anybody asks as its OpenAPI document says: with a token, a lease, a question or none."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from tests.described import ask, labels
from tests.hospital import Served, open_hospital
from tests.hospital_images import BRAMS_CT, HEAD_CT
from tests.house.openapi import document
from tests.staging import bearer

DOCUMENT = document("gateway")
ROLES = ("anybody", "receiver", "portal", "downloader")
KNOWN = {
    "study": [HEAD_CT, BRAMS_CT],
    "series": [f"{HEAD_CT}.1"],
    "instance": [f"{HEAD_CT}.1.1", f"{HEAD_CT}.1.2"],
    "frames": ["1", "1,2", "99", "0"],
    "frame": ["1", "99"],
    "path": ["7FE00010", "00081140/1/00081150"],
}


@pytest.fixture(scope="module")
def noord(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with open_hospital(tmp_path_factory.mktemp("noord")) as served:
        yield served


@pytest.mark.parametrize("role", ROLES)
def test_no_request_of_any_role_breaks_the_gateway_or_gets_an_undeclared_answer(noord: Served, role: str) -> None:
    assert asked(noord, role, 3) == []


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("role", ROLES)
def test_no_odd_request_breaks_the_gateway_either(noord: Served, role: str) -> None:
    assert asked(noord, role, 12, negative=True) == []


def asked(noord: Served, role: str, examples: int, *, negative: bool = False) -> list[str]:
    """Ask every address; returns what was wrong."""
    headers, known = _of(noord, role)
    return [
        line
        for label in labels(DOCUMENT)
        for line in ask(
            DOCUMENT, noord.url, label, examples=examples, headers=headers, known=known, negative=negative
        )
    ]


def _of(noord: Served, role: str) -> tuple[Callable[[], Mapping[str, str]] | Mapping[str, str], dict[str, Any]]:
    """What a request of this role carries, and what it knows."""
    if role == "receiver":
        return noord.token([HEAD_CT]), KNOWN
    if role == "portal":
        return lambda: bearer(noord), KNOWN
    if role == "downloader":
        path, lease = noord.lease([HEAD_CT])
        _, _, lease_id, name = path.split("/")
        return lease, {"lease_id": [lease_id], "name": [name.removesuffix(".zip")]}
    return {}, KNOWN
