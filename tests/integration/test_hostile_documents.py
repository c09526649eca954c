"""Documents that are made to hurt a reader: XML with entities where JSON is read, JSON without a bottom.

Each gets an answer of the refusing kind and is no incident, in bodies and in the parts of a token.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Iterator

import httpx2
import pytest
from tests.hospital import Served, open_hospital
from tests.hospital_images import HEAD_CT
from tests.index_town import Town, registry_town
from tests.portal_program import Portal, open_portal
from tests.staging import bearer

from beeldpas.formats.assertion import CLIENT_ASSERTION_TYPE

BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a "ha"><!ENTITY b "'
    + b"&a;" * 50
    + b'"><!ENTITY c "'
    + b"&b;" * 50
    + b'"><!ENTITY x SYSTEM "file:///etc/passwd">]><Bundle>&c;&x;</Bundle>'
)
DOCUMENTS = {
    "XML with entities": BOMB,
    "lists without a bottom": b"[" * 200_000,
    "objects without a bottom": b'{"a":' * 200_000,
    "a list that closes": b"[" * 50_000 + b"]" * 50_000,
    "a number without an end": b'{"grant": ' + b"9" * 100_000 + b"}",
    "a number out of range": b'{"grant": 1e999999, "studies": [1e999999]}',
    "no number": b'{"grant": NaN, "studies": [Infinity]}',
    "half a surrogate": b'{"grant": "\\ud800", "studies": ["\\ud800"], "resourceType": "\\ud800"}',
    "no UTF-8": b'{"grant": "\xff\xfe"}',
    "UTF-16": '{"grant": "x"}'.encode("utf-16"),
    "a NUL": b'{"grant": "\\u0000", "studies": ["\\u0000"]}',
    "one name twice": b'{"grant": "a", "grant": {"b": 1}}',
    "nothing": b"",
}
KINDS = ("application/json", "application/fhir+xml")


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    with open_portal(tmp_path_factory.mktemp("portal")) as found:
        yield found


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("registry")
    with registry_town(f"sqlite+aiosqlite:///{folder}/registry.db", folder) as found:
        yield found


@pytest.fixture(scope="module")
def noord(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with open_hospital(tmp_path_factory.mktemp("noord")) as found:
        yield found


def refused(answer: httpx2.Response) -> bool:
    """Say whether it is a refusal, and shows nothing of this machine."""
    return 400 <= answer.status_code < 500 and "root:" not in answer.text


@pytest.mark.parametrize("document", DOCUMENTS)
@pytest.mark.parametrize("kind", KINDS)
def test_no_document_breaks_the_portals_door_for_viewers(portal: Portal, document: str, kind: str) -> None:
    for role in ("anybody", "provider"):
        headers = {**portal.headers(role, "POST /viewer-token"), "Content-Type": kind}
        answer = httpx2.post(f"{portal.url}/viewer-token", content=DOCUMENTS[document], headers=headers)
        assert refused(answer), answer.text
    for path in ("/uses", "/token"):
        assert refused(
            httpx2.post(f"{portal.url}{path}", content=DOCUMENTS[document], headers={"Content-Type": kind})
        )


@pytest.mark.parametrize("document", DOCUMENTS)
@pytest.mark.parametrize("kind", KINDS)
async def test_no_document_breaks_the_registry(registry: Town, document: str, kind: str) -> None:
    async with registry.client() as client:
        token = await registry.token(client, "noord")
        headers = {"Authorization": f"Bearer {token}", "Content-Type": kind}
        base = f"{registry.base_url}/fhir"
        for method, path in (("POST", ""), ("PUT", "/ImagingStudy?identifier=a|b"), ("PUT", "/Endpoint/noord")):
            answer = await client.request(method, base + path, content=DOCUMENTS[document], headers=headers)
            assert refused(answer), answer.text
        asked = {"Authorization": f"Bearer {registry.question()}", "Content-Type": kind}
        answer = await client.post(f"{base}/ImagingStudy/_search", content=DOCUMENTS[document], headers=asked)
        assert refused(answer), answer.text


@pytest.mark.parametrize("document", DOCUMENTS)
@pytest.mark.parametrize("path", ["/preview", "/stage"])
def test_no_document_breaks_a_gateway(noord: Served, document: str, path: str) -> None:
    answer = noord.client.post(path, content=DOCUMENTS[document], headers=bearer(noord))
    assert refused(answer), answer.text


@pytest.mark.parametrize("document", DOCUMENTS)
@pytest.mark.parametrize("part", ["header", "payload"])
async def test_no_part_of_a_token_breaks_whoever_reads_it(
    portal: Portal, registry: Town, noord: Served, document: str, part: str
) -> None:
    sound = noord.token([HEAD_CT])["Authorization"].removeprefix("Bearer ").split(".")
    bent = urlsafe_b64encode(DOCUMENTS[document][:30_000]).rstrip(b"=").decode()
    token = f"{bent}.{sound[1]}.{sound[2]}" if part == "header" else f"{sound[0]}.{bent}.{sound[2]}"
    bearer_of = {"Authorization": f"Bearer {token}"}
    assert noord.client.get(f"/dicom-web/studies/{HEAD_CT}", headers=bearer_of).status_code == 401
    jose = {"Content-Type": "application/jose"}
    assert httpx2.post(f"{portal.url}/uses", content=token, headers=jose).status_code == 401
    form = {
        "client_assertion_type": CLIENT_ASSERTION_TYPE,
        "client_assertion": token,
        "grant_type": "client_credentials",
    }
    assert httpx2.post(f"{portal.url}/token", data=form).status_code == 401
    async with registry.client() as client:
        assert (await client.post(f"{registry.base_url}/token", data=form)).status_code == 401
        searched = await client.post(
            f"{registry.base_url}/fhir/ImagingStudy/_search", data={"a": "b"}, headers=bearer_of
        )
        assert searched.status_code == 401
