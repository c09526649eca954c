"""The index asks for names of people: without them it keeps and gives nothing, and a new key loses nobody."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator

import pytest
from sqlalchemy import select
from tests.index_town import Town, a_study, registry_town, somebody
from tests.memory_pseudonyms import MemoryPseudonyms

from beeldpas.database.engine import open_engine, transaction
from beeldpas.registry.store.renaming import count_under
from beeldpas.registry.store.tables import access_log, diagnostic_report, imaging_study


@pytest.fixture(scope="module")
def town(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """One registry for the file."""
    with registry_town(database_url, tmp_path_factory.mktemp("registry")) as town:
        yield town


@pytest.fixture(autouse=True)
def _names_anew(town: Town) -> None:
    town.pseudonyms.keys = MemoryPseudonyms().keys
    town.pseudonyms.down = False


async def rows(town: Town, *wanted: object) -> list:
    """What stands in a table."""
    engine = open_engine(town.settings.database_url)
    async with transaction(engine) as connection:
        found = list(await connection.execute(select(*wanted)))  # type: ignore[call-overload]
    await engine.dispose()
    return found


async def log_of(town: Town) -> list[dict]:
    """The registry's access log, oldest first."""
    return [json.loads(record) for _, record in sorted(await rows(town, access_log.c.row_id, access_log.c.record))]


def studies_in(answer: dict) -> set[str]:
    """Which studies an answer tells of, with their versions."""
    found = (entry["resource"] for entry in answer.get("entry", []))
    return {
        f"{one['identifier'][0]['value']} {one['meta']['versionId']}"
        for one in found
        if one["resourceType"] == "ImagingStudy"
    }


async def test_without_names_nothing_is_kept(town: Town) -> None:
    town.pseudonyms.down = True
    before = len(await rows(town, imaging_study.c.key))
    answer = await town.publish("noord", a_study(somebody()))
    assert (answer.status_code, "retry-after" in answer.headers) == (503, True)
    assert len(await rows(town, imaging_study.c.key)) == before


async def test_without_names_nothing_is_found_and_the_question_is_recorded(town: Town) -> None:
    anna = somebody()
    await town.publish("noord", a_study(anna))
    town.pseudonyms.down = True
    answer = await town.search(anna)
    assert answer.status_code == 503
    assert anna.reveal() not in answer.text
    told = (await log_of(town))[-1]
    assert (told["kind"], told["outcome"], told["patient"]) == ("search", "refused", None)


async def test_a_question_that_nobody_signed_is_not_worth_a_name(town: Town) -> None:
    asked = town.pseudonyms.asked
    assert (await town.search(somebody(), "no token")).status_code == 401
    assert town.pseudonyms.asked == asked


async def test_entries_are_found_under_both_names_and_moved_without_another_version(town: Town) -> None:
    anna, bram = somebody(), somebody()
    study = a_study(anna)
    await town.publish("noord", study)
    await town.publish("noord", a_study(bram))
    before = studies_in((await town.search(anna)).json())
    assert len(before) == 1
    town.pseudonyms.rotate()
    assert studies_in((await town.search(anna)).json()) == before
    newest = town.pseudonyms.keys[0][0]
    for table in (imaging_study, diagnostic_report):
        found = {row[0].partition(".")[0] for row in await rows(town, table.c.pseudonym)}
        assert newest in found and len(found) > 1, "only who was asked about has moved"
    assert studies_in((await town.search(anna)).json()) == before


async def test_what_is_published_again_has_the_new_name(town: Town) -> None:
    anna = somebody()
    study = a_study(anna)
    await town.publish("noord", study)
    town.pseudonyms.rotate()
    await town.publish("noord", study)
    wanted = await rows(town, imaging_study.c.key, imaging_study.c.pseudonym)
    assert dict(wanted)[study.study_uid] == (await town.pseudonyms.names(anna))[0]


async def test_what_stands_under_a_key_is_counted_log_included(town: Town) -> None:
    town.pseudonyms.keys[0] = ("q1", town.pseudonyms.keys[0][1])
    anna = somebody()
    await town.publish("noord", a_study(anna))
    await town.search(anna)
    engine = open_engine(town.settings.database_url)
    async with transaction(engine) as connection:
        assert await count_under(connection, "q1") == 3, "a study, its report, and the question in the log"
    await engine.dispose()


async def test_a_change_of_keys_is_in_the_indexs_log(town: Town) -> None:
    town.pseudonyms.keys[0] = ("r1", town.pseudonyms.keys[0][1])
    await town.search(somebody())
    town.pseudonyms.keys.insert(0, ("r2", b"r" * 32))
    await town.publish("noord", a_study(somebody()))
    told = [json.loads(row[0]) for row in await rows(town, access_log.c.record) if '"kind":"names_changed"' in row[0]]
    assert [one["fingerprint"] for one in told][-2:] == ["r1", "r2 r1"]


async def test_many_questions_at_once_after_a_new_key_are_all_answered(town: Town) -> None:
    anna = somebody()
    studies = [a_study(anna) for _ in range(6)]
    await town.publish("noord", *studies)
    town.pseudonyms.rotate()
    asked = [town.search(anna) for _ in range(6)]
    answers = await asyncio.gather(*asked, *(town.publish("noord", *reversed(studies)) for _ in range(3)))
    assert {answer.status_code for answer in answers} == {200}
    assert len(studies_in((await town.search(anna)).json())) == 6
