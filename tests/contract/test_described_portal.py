"""The portal answers whatever anybody asks of any of its addresses as its OpenAPI document says: at every door, for
every role, and never with an error of its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from tests.described import ask, labels
from tests.house.openapi import document
from tests.portal_program import Portal, open_portal
from tests.sharing_town import PORTAL

from beeldpas.formats import jose
from beeldpas.formats.assertion import CLIENT_ASSERTION_TYPE, sign_assertion

DOCUMENT = document("portal")
ROLES = ("anybody", "patient", "provider", "staff")
NOORD = "https://noord.example"


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    folder = tmp_path_factory.mktemp("portal")
    with open_portal(folder) as found:
        yield found


@pytest.mark.parametrize("role", ROLES)
def test_no_request_of_any_role_breaks_the_portal_or_gets_an_undeclared_answer(portal: Portal, role: str) -> None:
    assert asked(portal, role, own(role), 2) == []


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("role", ROLES)
def test_no_request_of_any_role_at_anybodys_door_breaks_the_portal(portal: Portal, role: str) -> None:
    assert asked(portal, role, labels(DOCUMENT), 3, negative=True) == []


def own(role: str) -> list[str]:
    """The addresses that are meant for a role; those for nobody in particular are asked by anybody."""
    found = []
    for label in labels(DOCUMENT):
        method, path = label.split(" ", 1)
        meant = DOCUMENT["paths"][path][method.lower()]["x-for"]
        if role in meant or (role == "anybody" and not set(ROLES[1:]) & set(meant.split(", "))):
            found.append(label)
    return found


def asked(portal: Portal, role: str, wanted: list[str], examples: int, *, negative: bool = False) -> list[str]:
    """Ask these addresses; returns what was wrong."""
    return [
        line
        for label in wanted
        for line in ask(
            DOCUMENT,
            portal.url,
            label,
            examples=examples,
            headers=portal.headers(role, label),
            known=portal.known,
            negative=negative,
        )
    ]


def test_no_request_that_a_gateway_signed_breaks_the_portal_or_gets_an_undeclared_answer(portal: Portal) -> None:
    key, url = portal.town.gateway_keys["noord"], NOORD

    def sign(case: Any) -> None:
        if case.path == "/token" and isinstance(case.body, dict):
            proof = sign_assertion(client_id=url, audience=PORTAL, now=portal.town.clock(), key=key).reveal()
            proven = {"client_id": url, "client_assertion_type": CLIENT_ASSERTION_TYPE, "client_assertion": proof}
            case.body = {**case.body, **proven, "grant_type": "authorization_code"}
        if case.path == "/uses":
            issued = int(portal.town.clock().timestamp())
            event = {"event_id": str(uuid4()), "studies": [str(case.body)], "bytes": 1, "at": str(case.body)}
            claims = {"iss": url, "aud": PORTAL, "iat": issued, "exp": issued + 60, "events": [event]}
            case.body = jose.sign(claims, typ="uses+jwt", key=key)

    wrong = [
        line
        for label in ("POST /token", "POST /uses")
        for line in ask(DOCUMENT, portal.url, label, examples=10, change=sign)
    ]
    assert wrong == []
