"""The staging door of a hospital without a PACS: it says what is held, and takes nobody's word without a question."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from tests.hospital import Served, open_hospital
from tests.hospital_images import HEAD_CT
from tests.staging import ask_staging, bearer

UNTIL = datetime.now(UTC) + timedelta(days=14)
GOOD = {"hold": "share-1", "studies": [HEAD_CT], "until": int(UNTIL.timestamp())}


@pytest.fixture(scope="module")
def noord(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with open_hospital(tmp_path_factory.mktemp("noord")) as served:
        yield served


def test_without_a_pacs_a_study_is_held_or_missing(noord: Served) -> None:
    held, missing = ask_staging(noord, "share-1", [HEAD_CT, "1.2.3.4"], UNTIL)
    assert held == {"uid": HEAD_CT, "state": "held", "instances": 9, "fetched": 9}
    assert missing == {"uid": "1.2.3.4", "state": "missing", "instances": None, "fetched": 0}


def test_a_question_is_needed_and_counts_once(noord: Served) -> None:
    once = bearer(noord)
    token = {"Authorization": f"Bearer {noord.portal.token(noord.url, [HEAD_CT])}"}
    answers = [noord.client.post("/stage", json=GOOD, headers=header) for header in ({}, token, once, once)]
    assert [answer.status_code for answer in answers] == [401, 401, 202, 401]


@pytest.mark.parametrize(
    "wrong",
    [
        {"hold": ""},
        {"hold": "x" * 65},
        {"hold": None},
        {"until": "soon"},
        {"until": True},
        {"until": 10**30},
        {"studies": []},
        {"studies": ["../1"]},
        {"studies": HEAD_CT},
    ],
)
def test_a_body_that_is_no_good_is_400(noord: Served, wrong: dict[str, object]) -> None:
    assert noord.client.post("/stage", json=GOOD | wrong, headers=bearer(noord)).status_code == 400
