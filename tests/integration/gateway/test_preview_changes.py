"""The preview of a share that was made earlier: how much changed since, and nothing of what is another patient's."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.cast import ANNA, BRAM
from tests.hospital import Served, ingest, open_hospital
from tests.hospital_images import HEAD_CT, KNEE_MR, image, save, structured_report
from tests.hospital_notes import moved_to, rejection_note, replaces

from beeldpas.database.engine import open_engine, transaction
from beeldpas.formats import jose
from beeldpas.formats.question import Question, sign_question
from beeldpas.gateway.store.published import Told, remember
from beeldpas.keys import public_file

QUESTION = Question("patient", "patient", "pseudonym-1", "Portaal", "PATRQT", "own")


@pytest.fixture
def noord(tmp_path: Path) -> Iterator[Served]:
    with open_hospital(tmp_path) as served:
        yield served


def ask(noord: Served, studies: list[str], confirmed: object = None) -> Any:
    address = noord.portal.base_url
    token = sign_question(
        QUESTION, issuer=address, audience=noord.url, now=datetime.now(UTC), key=noord.portal.keys
    ).reveal()
    body = {"studies": studies, "language": "nl"} | ({"confirmed": confirmed} if confirmed is not None else {})
    answer = noord.client.post("/preview", json=body, headers={"Authorization": f"Bearer {token}"})
    if answer.status_code != 200:
        return answer.status_code
    keys = jose.load_keys(public_file(noord.house.settings.key_file))
    return jose.verify(
        answer.text, typ="preview+jwt", keys=keys, issuer=noord.url, audience=address, now=datetime.now(UTC)
    )


def test_it_counts_what_changed_since_the_patient_confirmed(noord):
    before = ask(noord, [HEAD_CT, KNEE_MR])
    assert all("changed" not in study for study in before["studies"])
    files = noord.portal.folder / "files"
    save(rejection_note(HEAD_CT, f"{HEAD_CT}.1.2"), files)
    save(image(HEAD_CT, 1, 6), files)
    save(replaces(structured_report(HEAD_CT, 5), f"{HEAD_CT}.4.1"), files)
    ingest(noord.house.settings)
    told = {
        one["uid"]: one for one in ask(noord, [HEAD_CT, KNEE_MR], {"generation": before["generation"]})["studies"]
    }
    assert told[HEAD_CT]["changed"] == {"added": 1, "withdrawn": 1, "corrected": 0, "amended": 1}
    assert told[KNEE_MR]["changed"] == {"added": 0, "withdrawn": 0, "corrected": 0, "amended": 0}
    assert told[HEAD_CT]["instances"] == 10
    newer = {one["sop_uid"]: one["replaced_by"] for one in told[HEAD_CT]["reports"]}
    assert newer == {f"{HEAD_CT}.3.1": None, f"{HEAD_CT}.4.1": f"{HEAD_CT}.5.1", f"{HEAD_CT}.5.1": None}


@pytest.mark.parametrize("confirmed", [{}, {"generation": -1}, {"generation": "1"}, {"generation": True}, [1]])
def test_a_confirmed_generation_is_a_number(noord, confirmed):
    assert ask(noord, [HEAD_CT], confirmed) == 400


def test_an_index_that_was_made_anew_says_nothing_of_a_generation_to_come(noord):
    (study,) = ask(noord, [HEAD_CT], {"generation": 10_000})["studies"]
    assert "changed" not in study


def test_what_moved_to_another_patient_is_missing_for_who_confirmed_before(noord):
    before = ask(noord, [KNEE_MR])["generation"]
    move_the_knee(noord)
    told = ask(noord, [KNEE_MR, HEAD_CT], {"generation": before})
    assert ([one["uid"] for one in told["studies"]], told["missing"]) == ([HEAD_CT], [KNEE_MR])
    assert BRAM.name not in str(told)


def test_until_the_registry_has_heard_of_the_move_nobody_is_shown_the_study(noord):
    tell(noord, Told(KNEE_MR, ANNA.bsn, (), "", withdrawn=False))
    move_the_knee(noord)
    assert ask(noord, [KNEE_MR])["missing"] == [KNEE_MR]
    tell(noord, Told(KNEE_MR, BRAM.bsn, (), "", withdrawn=False))
    assert [one["uid"] for one in ask(noord, [KNEE_MR])["studies"]] == [KNEE_MR]


def move_the_knee(noord: Served) -> None:
    save(moved_to(image(KNEE_MR, 1, 1, sample="MR_small.dcm"), BRAM), noord.portal.folder / "files" / "b")
    ingest(noord.house.settings)


def tell(noord: Served, told: Told) -> None:
    """Note what the registry has taken."""

    async def write() -> None:
        engine = open_engine(noord.house.settings.database_url)
        async with transaction(engine) as connection:
            await remember(connection, [told], datetime.now(UTC))
        await engine.dispose()

    asyncio.run(write())
