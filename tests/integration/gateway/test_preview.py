"""The preview: exactly what would leave, signed, for a question that is asked once."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest
from tests.cast import ANNA, Person
from tests.hospital import Served, ingest, open_hospital
from tests.hospital_images import BRAMS_CT, HEAD_CT, KNEE_MR, image, save

from beeldpas.formats import jose
from beeldpas.formats.question import Question, sign_question
from beeldpas.keys import public_file

QUESTION = Question("patient", "patient", "pseudonym-1", "Portaal", "PATRQT", "own")
UNMAPPED = "1.2.826.0.1.7"


@pytest.fixture(scope="module")
def noord(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder: Path = tmp_path_factory.mktemp("noord")
    with open_hospital(folder) as served:
        save(image(UNMAPPED, 1, 1, Person("Iemand", ANNA.bsn, ANNA.birth_date, "F")), folder / "files")
        ingest(served.house.settings)
        yield served


def question(noord: Served, now: datetime | None = None, issuer: str = "", audience: str = "") -> str:
    signed = sign_question(
        QUESTION,
        issuer=issuer or noord.portal.base_url,
        audience=audience or noord.url,
        now=now or datetime.now(UTC),
        key=noord.portal.keys,
    )
    return signed.reveal()


def ask(noord: Served, studies: object, token: str | None = None) -> httpx2.Response:
    headers = {"Authorization": f"Bearer {token or question(noord)}"}
    return noord.client.post("/preview", json={"studies": studies, "language": "nl"}, headers=headers)


def claims(noord: Served, answer: httpx2.Response) -> dict:
    keys = jose.load_keys(public_file(noord.house.settings.key_file))
    return jose.verify(
        answer.text,
        typ="preview+jwt",
        keys=keys,
        issuer=noord.url,
        audience=noord.portal.base_url,
        now=datetime.now(UTC),
    )


def test_it_says_what_would_leave_to_the_byte(noord):
    answer = ask(noord, [HEAD_CT])
    assert answer.headers["content-type"] == "application/jwt"
    found = claims(noord, answer)
    (study,) = found["studies"]
    files = [file for file in (noord.portal.folder / "files").rglob("*.dcm") if file.name.startswith(HEAD_CT)]
    assert (study["instances"], study["size_bytes"]) == (9, sum(file.stat().st_size for file in files))
    assert [(series["number"], series["modality"], series["instances"]) for series in study["series"]] == [
        (1, "CT", 5),
        (2, "CT", 2),
        (3, "DOC", 1),
        (4, "SR", 1),
    ]
    assert [(one["kind"], one["title"]) for one in study["reports"]] == [
        ("pdf", "Verslag CT schedel"),
        ("sr", "Diagnosis"),
    ]
    assert study["identity"] == {
        "name": "Jansen^Anna",
        "birth_date": "1952-03-08",
        "sex": "F",
        "patient_id": "4711",
        "patient_id_issuer": "ZH-NOORD",
    }
    assert (found["exp"] - found["iat"], found["missing"], found["generation"] > 0) == (300, [], True)


def test_what_is_not_here_and_what_is_withheld_is_missing_alike(noord):
    found = claims(noord, ask(noord, [KNEE_MR, UNMAPPED, "1.2.3.4"]))
    assert ([study["uid"] for study in found["studies"]], found["missing"]) == ([KNEE_MR], [UNMAPPED, "1.2.3.4"])


def test_a_question_is_answered_once(noord):
    token = question(noord)
    assert [ask(noord, [HEAD_CT], token).status_code for _ in range(2)] == [200, 401]


@pytest.mark.parametrize(
    "wrong",
    [
        {"issuer": "https://evil.example"},
        {"audience": "https://west.example"},
        {"now": datetime.now(UTC) - timedelta(hours=1)},
    ],
)
def test_a_question_that_is_no_good_is_refused(noord, wrong):
    answer = ask(noord, [HEAD_CT], question(noord, **wrong))
    assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json")


def test_an_access_token_is_no_question(noord):
    assert ask(noord, [HEAD_CT], noord.portal.token(noord.url, [HEAD_CT])).status_code == 401
    assert noord.client.post("/preview", json={"studies": [HEAD_CT]}).status_code == 401


@pytest.mark.parametrize("studies", [[], "1.2.3", [f"{HEAD_CT}."], ["../1"], [1], None, ["1.2.3"] * 501])
def test_a_body_that_is_no_good_is_400(noord, studies):
    assert ask(noord, studies).status_code == 400


def test_a_body_that_is_too_large_is_refused(noord):
    headers = {"Authorization": f"Bearer {question(noord)}"}
    assert noord.client.post("/preview", content=b"x" * 200_000, headers=headers).status_code == 413


def test_asking_is_written_down(noord):
    ask(noord, [BRAMS_CT])
    row = [row for row in noord.log() if row["kind"] == "preview_share"][-1]
    assert (row["studies"], row["actor_kind"], row["organisation"]) == ([BRAMS_CT], "patient", "Portaal")
    assert ANNA.bsn.reveal() not in str(row)
