"""Others contradict the hospital about whose a study is: it keeps the study back, and its administrator reads why."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest
from tests.hospital import Served, open_hospital
from tests.hospital_images import HEAD_CT, KNEE_MR
from tests.integration.gateway.test_release import ANNA, answer, in_database, lift_all, preview

from beeldpas.formats.question import Question, sign_question
from beeldpas.gateway import releasing

QUESTION = Question("patient", "patient", "p-1", "Portaal", "PATRQT", "own")
NEVER_WAS = "1.2.826.0.1.77"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with open_hospital(tmp_path_factory.mktemp("noord")) as served:
        yield served


@pytest.fixture
def noord(served: Served) -> Iterator[Served]:
    yield served
    in_database(served, lift_all)


def tell(noord: Served, study: str = HEAD_CT, token: str | None = None, **changed: Any) -> httpx2.Response:
    body = {"studies": [study], "attribute": "birth_date", "against": ["west", "zuid"], "outvoted": True} | changed
    signed = sign_question(
        QUESTION, issuer=noord.portal.base_url, audience=noord.url, now=datetime.now(UTC), key=noord.portal.keys
    )
    return noord.client.post("/doubt", json=body, headers={"Authorization": f"Bearer {token or signed.reveal()}"})


def rows(noord: Served) -> list[dict[str, Any]]:
    return [row for row in noord.log() if row["kind"] in ("identity_doubted", "keep_back")]


def test_a_study_that_is_outvoted_is_kept_back_and_both_sources_stand_in_the_log(noord: Served) -> None:
    before = len(rows(noord))
    assert tell(noord).status_code == 204
    never = answer(noord, f"/dicom-web/studies/{NEVER_WAS}/metadata", **ANNA)
    assert answer(noord, f"/dicom-web/studies/{HEAD_CT}/metadata", **ANNA) == never
    assert preview(noord)["missing"] == [HEAD_CT, NEVER_WAS]
    doubted, kept = rows(noord)[before:]
    assert (doubted["hospital"], doubted["against"], doubted["attribute"]) == (
        "noord",
        ["west", "zuid"],
        "birth_date",
    )
    assert (kept["rules"], kept["actor_kind"], kept["actor"]) == (["doubted"], "program", noord.portal.base_url)


def test_an_administrator_finds_it_among_what_is_kept_back_and_lifts_it(noord: Served) -> None:
    tell(noord)
    found: list[Any] = []

    async def look(connection: Any) -> None:
        found.extend(await releasing.listing(connection))

    in_database(noord, look)
    assert [(one.study_uid, str(one.rule)) for one in found] == [(HEAD_CT, "doubted")]
    in_database(noord, lift_all)
    assert answer(noord, f"/dicom-web/studies/{HEAD_CT}/metadata", **ANNA)[0] == 200


def test_one_word_against_another_is_written_down_and_hides_nothing(noord: Served) -> None:
    before = len(rows(noord))
    assert tell(noord, outvoted=False, against=["west"]).status_code == 204
    assert answer(noord, f"/dicom-web/studies/{HEAD_CT}/metadata", **ANNA)[0] == 200
    assert [row["kind"] for row in rows(noord)[before:]] == ["identity_doubted"]


def test_a_study_that_is_not_here_gets_the_same_answer_and_leaves_nothing(noord: Served) -> None:
    before = len(rows(noord))
    here, elsewhere = tell(noord, KNEE_MR), tell(noord, NEVER_WAS)
    assert (here.status_code, here.content) == (elsewhere.status_code, elsewhere.content)
    assert len(rows(noord)) == before + 2


def test_nobody_but_the_portal_says_so_and_only_once(noord: Served) -> None:
    assert tell(noord, token="made-up").status_code == 401
    signed = sign_question(
        QUESTION, issuer=noord.portal.base_url, audience=noord.url, now=datetime.now(UTC), key=noord.portal.keys
    ).reveal()
    assert [tell(noord, NEVER_WAS, signed).status_code for _ in range(2)] == [204, 401]


@pytest.mark.parametrize(
    "changed",
    [
        {"attribute": "name"}, {"attribute": None}, {"against": []}, {"against": "west"}, {"against": ["x" * 65]},
        {"against": ["a\nb"]}, {"against": [7]}, {"outvoted": "yes"}, {"outvoted": None}, {"studies": []},
    ],
)  # fmt: skip
def test_what_is_no_doubt_changes_nothing(noord: Served, changed: dict[str, Any]) -> None:
    before = len(rows(noord))
    assert tell(noord, **changed).status_code == 400
    assert len(rows(noord)) == before
