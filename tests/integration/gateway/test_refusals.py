"""Whoever comes with a grant that was stopped or paused is in the hospital's log, once a minute, and gets nothing."""

from collections.abc import Iterator
from contextlib import asynccontextmanager

import pytest
from tests.hospital import Served, open_hospital, wait_until
from tests.hospital_images import HEAD_CT

from beeldpas.domain.errors import Unavailable
from beeldpas.formats.statuslist import TokenStatus
from beeldpas.gateway import refusals

PATH = f"/dicom-web/studies/{HEAD_CT}/metadata"


@pytest.fixture(scope="module")
def noord(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with open_hospital(tmp_path_factory.mktemp("noord")) as served:
        yield served


def end(noord: Served, index: int, status: TokenStatus = TokenStatus.INVALID) -> None:
    noord.portal.states[index] = status
    wait_until(lambda: noord.house.statuses.state((noord.house.statuses.uris[0], index)) != "valid")


def refused(noord: Served, index: int) -> list[tuple[str, str, str]]:
    rows = [row for row in noord.log() if row["kind"] == "refuse_use" and row["grant"] == f"grant-{index}"]
    assert all(row["outcome"] == "refused" and row["address"] == "127.0.0.1" for row in rows)
    return [(row["of"], row["reason"], row["name"]) for row in rows]


@pytest.mark.parametrize(
    ("index", "status", "reason"),
    [(61, TokenStatus.INVALID, "share_revoked"), (62, TokenStatus.SUSPENDED, "share_suspended")],
)
def test_a_token_of_a_grant_that_holds_no_more_is_noted_once(noord, index, status, reason):
    token = noord.token([HEAD_CT], index=index)
    assert noord.client.get(PATH, headers=token).status_code == 200
    end(noord, index, status)
    assert {noord.client.get(PATH, headers=token).status_code for _ in range(20)} == {401}
    assert refused(noord, index) == [("retrieve", reason, "Dr. D. Dekker")]


def test_a_download_of_a_grant_that_holds_no_more_is_noted_once(noord):
    path, lease = noord.lease([HEAD_CT], index=63)
    end(noord, 63)
    assert {noord.client.get(path, headers=lease).status_code for _ in range(5)} == {403}
    assert refused(noord, 63) == [("download", "share_revoked", "Dr. D. Dekker")]
    assert [one for one in noord.portal.told if one["grant"] == "grant-63"] == []


def test_nobody_whom_we_do_not_know_fills_the_log(noord):
    before = len(noord.log())
    assert noord.client.get(PATH, headers={"Authorization": "Bearer not.a.token"}).status_code == 401
    assert len(noord.log()) == before


def test_what_cannot_be_noted_is_still_refused(noord, monkeypatch):
    @asynccontextmanager
    async def away(_engine):
        raise Unavailable("database")
        yield

    token = noord.token([HEAD_CT], index=64)
    end(noord, 64)
    monkeypatch.setattr(refusals, "transaction", away)
    assert noord.client.get(PATH, headers=token).status_code == 503
