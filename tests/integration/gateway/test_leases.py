"""How a one-time code becomes a lease, and everything for which it does not."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from tests.hospital import Served, open_hospital, wait_until
from tests.hospital_images import HEAD_CT, KNEE_MR

from beeldpas.formats.statuslist import TokenStatus


@pytest.fixture(scope="module")
def noord(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The hospital on each of the databases."""
    with open_hospital(tmp_path_factory.mktemp("noord"), database_url=database_url) as served:
        yield served


def test_one_time_code_used_twice(noord):
    code = noord.portal.code(noord.url, [HEAD_CT])
    assert noord.start(code).status_code == 303
    again = noord.start(code, Accept="text/html", **{"Accept-Language": "nl"})
    assert (again.status_code, "Begin de download opnieuw" in again.text) == (400, True)
    assert noord.start(code).json()["type"] == "urn:beeldpas:problem:download_link_old"


def test_one_time_code_too_late_or_never_given(noord):
    late = noord.portal.code(noord.url, [HEAD_CT])
    noord.portal.codes.clear()
    for code in (late, "made-up", "", "x" * 1000):
        page = noord.start(code, Accept="text/html", **{"Accept-Language": "en-GB"})
        assert (page.status_code, "Start the download again" in page.text) == (400, True)
        assert page.headers["cache-control"] == "no-store"
        assert "script-src" not in page.headers["content-security-policy"]


def test_a_program_that_only_looks_does_not_spend_the_code(noord):
    code = noord.portal.code(noord.url, [HEAD_CT])
    looked = noord.client.head("/download", params={"code": code, "iss": noord.portal.base_url})
    assert looked.status_code == 405
    assert noord.start(code).status_code == 303


def test_a_code_of_an_issuer_that_nobody_trusts_is_not_even_tried(noord):
    before = len(noord.portal.exchanges)
    answer = noord.client.get("/download", params={"code": "x", "iss": "https://evil.example"})
    assert (answer.status_code, len(noord.portal.exchanges)) == (400, before)


def test_the_exchange_proves_who_asks(noord):
    noord.lease([HEAD_CT])
    form = noord.portal.exchanges[-1]
    assert (form["grant_type"], form["client_id"]) == ("authorization_code", noord.url)
    assert form["redirect_uri"] == f"{noord.url}/download"
    assert form["client_assertion_type"].endswith("jwt-bearer")


@pytest.mark.parametrize(
    "changed",
    [{"aud": "https://west.example"}, {"details_basis": "emergency"}, {"exp": 1}],
    ids=["token for another gateway", "unknown basis", "expired"],
)
def test_a_token_that_is_refused_gives_no_lease(noord, changed):
    answer = noord.start(noord.portal.code(noord.url, [HEAD_CT], **changed))
    assert (answer.status_code, "set-cookie" in answer.headers) == (401, False)


def test_a_lease_opens_its_own_archive_only(noord):
    path, lease = noord.lease([HEAD_CT])
    other_path, other = noord.lease([KNEE_MR])
    for headers in ({}, other, {"Beeldpas-Lease": lease["Beeldpas-Lease"][:-1] + "!"}, {"Beeldpas-Lease": "x"}):
        assert noord.client.get(path, headers=headers).status_code == 404
    assert noord.client.get(other_path, headers=other).status_code == 200


@pytest.mark.parametrize(
    ("state", "words"),
    [(TokenStatus.INVALID, "Deze toegang is gestopt"), (TokenStatus.SUSPENDED, "Deze toegang staat stil")],
)
def test_a_revoked_grant_gives_no_lease_and_its_lease_no_bytes(noord, state, words):
    index = 20 + state
    path, lease = noord.lease([HEAD_CT], index=index)
    code = noord.portal.code(noord.url, [HEAD_CT], index=index)
    noord.portal.states[index] = state
    key = noord.house.statuses.uris[0], index
    wait_until(lambda: noord.house.statuses.state(key) != "valid")
    for answer in (
        noord.start(code, Accept="text/html"),
        noord.client.get(path, headers={**lease, "Accept": "text/html", "Range": "bytes=10-"}),
    ):
        assert (answer.status_code, words in answer.text) == (403, True)


def test_the_end_of_a_grant_stops_new_downloads_and_not_a_started_one(noord):
    ends = int((datetime.now(UTC) + timedelta(seconds=1)).timestamp()) + 1
    path, lease = noord.lease([HEAD_CT], details_not_after=ends)
    code = noord.portal.code(noord.url, [HEAD_CT], details_not_after=int(datetime.now(UTC).timestamp()))
    assert noord.start(code).status_code == 401
    assert noord.client.get(path, headers=lease).status_code == 200
