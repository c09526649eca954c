"""What a person or hospital keeps from care providers leaves no trace for them; the person sees and can undo it."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select
from tests.index_town import CLINIC, PORTAL, Town, a_study, new_uid, registry_town, somebody

from beeldpas.database.engine import open_engine, transaction
from beeldpas.domain.bsn import BSN
from beeldpas.formats.fhir.bundles import transaction as bundle_of
from beeldpas.formats.fhir.publication import PublishedStudy
from beeldpas.formats.question import Question
from beeldpas.registry.store.tables import access_log

DOCTOR = Question("provider", "arts", "uzi.1", "Huisartsen Oost", "TREAT", "share", "patient")
PARENT = Question("patient", "parent", "p1.0ff", "Beeldpas", "PATRQT", "own")


@pytest.fixture(scope="module")
def town(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with registry_town(database_url, tmp_path_factory.mktemp("town")) as town:
        yield town


async def seen_by_a_doctor(town: Town, bsn: BSN, **form: str) -> Any:
    answer = await town.search(bsn, town.question(DOCTOR, issuer=CLINIC), **form)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def publish_withheld(town: Town, study: PublishedStudy, code: str, kind: str) -> None:
    bundle = bundle_of(town.hospital("noord"), [study])
    for one in bundle["entry"]:
        if one["resource"]["resourceType"] == kind:
            one["resource"].setdefault("meta", {})["security"] = [
                {"system": "urn:beeldpas:withheld-from", "code": code}
            ]
    assert (await town.send("noord", bundle)).status_code == 200


async def test_a_doctor_sees_what_nobody_keeps_back(town: Town) -> None:
    anna = somebody()
    await town.publish("noord", a_study(anna))
    assert (await seen_by_a_doctor(town, anna))["total"] == 1


async def test_a_portal_that_may_not_ask_for_doctors_is_refused(town: Town) -> None:
    assert (await town.search(somebody(), town.question(DOCTOR, issuer=PORTAL))).status_code == 403


async def test_what_a_person_keeps_back_leaves_no_trace_at_any_hospital(town: Town) -> None:
    anna = somebody()
    kept, open_one = a_study(anna), a_study(anna)
    await town.publish("noord", kept, open_one)
    await town.publish("west", replace(kept, origin=False, reports=()))
    before = await seen_by_a_doctor(town, anna)
    assert before["total"] == 3
    assert (await town.decide("restrict", anna, kept.study_uid)).status_code == 204
    after = await seen_by_a_doctor(town, anna)
    assert after["total"] == 1 and kept.study_uid not in json.dumps(after)
    assert "Endpoint/west" not in json.dumps(after), "nor of where it lies"
    alone = a_study(somebody(), study_uid=new_uid())
    await town.publish("noord", alone)
    await town.decide("restrict", alone.bsn, alone.study_uid)
    nobody = await seen_by_a_doctor(town, somebody())
    restricted = await seen_by_a_doctor(town, alone.bsn)
    assert restricted == nobody, "who keeps everything back looks like who has nothing"


async def test_a_page_and_its_count_have_no_gap_where_something_is_kept_back(town: Town) -> None:
    anna = somebody()
    studies = [a_study(anna, reports=()) for _ in range(4)]
    await town.publish("noord", *studies)
    await town.decide("restrict", anna, studies[1].study_uid)
    page = await seen_by_a_doctor(town, anna, _count="2")
    assert (page["total"], len([one for one in page["entry"] if one["search"]["mode"] == "match"])) == (3, 2)
    rest = (await town.follow(page, town.question(DOCTOR, issuer=CLINIC))).json()
    assert (rest["total"], len([one for one in rest["entry"] if one["search"]["mode"] == "match"])) == (3, 1)


async def test_the_person_sees_it_marked_and_can_undo_it(town: Town) -> None:
    anna = somebody()
    study = a_study(anna)
    await town.publish("noord", study)
    for _ in range(2):
        assert (await town.decide("restrict", anna, study.study_uid)).status_code == 204
    (own,) = [
        one["resource"]
        for one in (await town.search(anna)).json()["entry"]
        if one["resource"]["resourceType"] == "ImagingStudy"
    ]
    assert own["meta"]["security"] == [{"system": "urn:beeldpas:withheld-from", "code": "by-patient"}]
    assert (await town.decide("release", anna, study.study_uid)).status_code == 204
    assert (await seen_by_a_doctor(town, anna))["total"] == 1


async def test_a_restriction_stays_with_the_person_through_a_new_key(town: Town) -> None:
    anna = somebody()
    study = a_study(anna)
    await town.publish("noord", study)
    await town.decide("restrict", anna, study.study_uid)
    town.pseudonyms.rotate()
    assert (await seen_by_a_doctor(town, anna))["total"] == 0
    assert (await town.decide("release", anna, study.study_uid)).status_code == 204
    assert (await seen_by_a_doctor(town, anna))["total"] == 1


async def test_nobody_decides_for_another(town: Town) -> None:
    anna = somebody()
    study = a_study(anna)
    await town.publish("noord", study)
    assert (await town.decide("restrict", somebody(), study.study_uid)).status_code == 404
    assert (await town.decide("restrict", anna, new_uid())).status_code == 404
    assert (await town.decide("restrict", anna, study.study_uid, "no token")).status_code == 401
    doctor = town.question(DOCTOR, issuer=CLINIC)
    assert (await town.decide("restrict", anna, study.study_uid, doctor)).status_code == 403
    assert (await seen_by_a_doctor(town, anna))["total"] == 1


async def test_deciding_is_in_the_log(town: Town) -> None:
    study = a_study(somebody())
    await town.publish("noord", study)
    await town.decide("restrict", study.bsn, study.study_uid)
    await town.decide("release", study.bsn, study.study_uid, "no token")
    engine = open_engine(town.settings.database_url)
    async with transaction(engine) as connection:
        rows = list(
            await connection.execute(select(access_log.c.record).order_by(access_log.c.row_id.desc()).limit(2))
        )
    await engine.dispose()
    refused, done = (json.loads(row.record) for row in rows)
    assert (done["kind"], done["outcome"], done["actor_kind"]) == ("restrict_study", "done", "patient")
    assert (refused["kind"], refused["outcome"], refused["patient"]) == ("release_study", "refused", None)
    assert study.study_uid not in str(rows)


@pytest.mark.parametrize(
    ("code", "kind", "doctor", "parent"),
    [
        ("providers", "ImagingStudy", (0, 0), (1, 1)),
        ("providers", "DiagnosticReport", (1, 0), (1, 1)),
        ("representatives", "ImagingStudy", (1, 1), (0, 0)),
        ("representatives", "DiagnosticReport", (1, 1), (1, 0)),
    ],
)
async def test_what_a_hospital_withholds_is_not_there_for_them_and_is_for_the_patient(
    town: Town, code: str, kind: str, doctor: tuple[int, int], parent: tuple[int, int]
) -> None:
    anna = somebody()
    await publish_withheld(town, a_study(anna), code, kind)

    def counted(bundle: Any) -> tuple[int, int]:
        kinds = [one["resource"]["resourceType"] for one in bundle.get("entry", [])]
        return bundle["total"], kinds.count("DiagnosticReport")

    seen = await seen_by_a_doctor(town, anna)
    assert counted(seen) == doctor
    assert "withheld" not in json.dumps(seen), "what is kept from others is not theirs to know"
    assert counted((await town.search(anna, town.question(PARENT))).json()) == parent
    for given_by in ("parent", "mandate", ""):
        asked = town.question(replace(DOCTOR, given_by=given_by), issuer=CLINIC)
        on_their_share = counted((await town.search(anna, asked)).json())
        assert on_their_share == min(doctor, parent), "no more than who gave the share may see"
    own = (await town.search(anna)).json()
    assert counted(own) == (1, 1)
    marked = [one["resource"] for one in own["entry"] if one["resource"]["resourceType"] == kind]
    assert marked[0]["meta"]["security"][0]["code"] == code
