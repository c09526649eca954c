"""The hospital keeps something back: whom it is kept back from finds what never was, others no difference."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import httpx2
import pytest
from sqlalchemy.ext.asyncio import AsyncConnection
from tests.hospital import Served, open_hospital, wait_until
from tests.hospital_images import HEAD_CT, KNEE_MR, fill
from tests.hospital_index import Index

from beeldpas.database.engine import transaction
from beeldpas.domain.errors import BeeldpasError, Conflict, Malformed, NotFound
from beeldpas.domain.report_name import report_name
from beeldpas.domain.share import HERE
from beeldpas.formats import jose
from beeldpas.formats.question import Question, sign_question
from beeldpas.gateway import changes, releasing
from beeldpas.gateway.app import open_database
from beeldpas.gateway.index import held
from beeldpas.gateway.publishable import Own, studies_after
from beeldpas.gateway.release import Onlooker, Rule
from beeldpas.gateway.releasing import Kept
from beeldpas.keys import public_file

NEVER_WAS = "1.2.826.0.1.77"
SR, PDF = f"{HEAD_CT}.4.1", f"{HEAD_CT}.3.1"
ANNA, PARENT = {"details_representative": False}, {"details_representative": True}
OWN = Own("law", frozenset())


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with open_hospital(tmp_path_factory.mktemp("noord")) as served:
        yield served


@pytest.fixture
def noord(served: Served) -> Iterator[Served]:
    """Ziekenhuis Noord, which keeps nothing back yet."""
    yield served
    in_database(served, lift_all)


def in_database(noord: Served, work: Callable[[AsyncConnection], Awaitable[None]]) -> None:
    async def done() -> None:
        engine = open_database(noord.house.settings)
        async with transaction(engine) as connection:
            await work(connection)
        await engine.dispose()

    asyncio.run(done())


def keep_back(noord: Served, rule: Rule, study: str = HEAD_CT, until: date | None = None) -> None:
    kept, now = Kept(study, rule, until), noord.clock()
    in_database(noord, lambda connection: releasing.keep_back(connection, kept, "noord", now))


async def lift_all(connection: AsyncConnection) -> None:
    for study in {one.study_uid for one in await releasing.listing(connection)}:
        await releasing.lift(connection, study, "noord", datetime.now(UTC))


def tomorrow(noord: Served) -> date:
    """A day to come, also where it is past midnight already."""
    return noord.clock().date() + timedelta(days=2)


def answer(noord: Served, path: str, **whose: Any) -> tuple[int, bytes, list[tuple[str, str]]]:
    """All of an answer to a viewer, but when it was given."""
    given = noord.client.get(path, headers=noord.token([HEAD_CT, KNEE_MR, NEVER_WAS], **whose))
    fields = sorted((name, value) for name, value in given.headers.items() if name != "date")
    return given.status_code, given.content, fields


def archive(noord: Served, *studies: str, **whose: Any) -> httpx2.Response:
    path, lease = noord.lease(list(studies), **whose)
    return noord.client.get(path, headers=lease)


def preview(noord: Served, role: str = "patient", kind: str = "patient", given_by: str = "") -> dict[str, Any]:
    basis = ("PATRQT", "own") if kind == "patient" else ("TREAT", "share")
    question = Question(kind, role, "p-1", "Portaal", *basis, given_by=given_by)  # type: ignore[arg-type]
    now, url = datetime.now(UTC), noord.portal.base_url
    token = sign_question(question, issuer=url, audience=noord.url, now=now, key=noord.portal.keys).reveal()
    body = {"studies": [HEAD_CT, KNEE_MR, NEVER_WAS], "language": "nl", "confirmed": {"generation": 0}}
    told = noord.client.post("/preview", json=body, headers={"Authorization": f"Bearer {token}"})
    keys = jose.load_keys(public_file(noord.house.settings.key_file))
    return jose.verify(told.text, typ="preview+jwt", keys=keys, issuer=noord.url, audience=url, now=now)


def of(told: dict[str, Any], uid: str) -> dict[str, Any]:
    (found,) = [study for study in told["studies"] if study["uid"] == uid]
    return found


# A study that is withheld altogether


def test_a_withheld_study_is_one_that_never_was(noord):
    keep_back(noord, Rule.EVERYBODY)
    for path in ("/metadata", "", "/series", f"/series/{HEAD_CT}.1/instances/{HEAD_CT}.1.1", "/rendered"):
        never = answer(noord, f"/dicom-web/studies/{NEVER_WAS}{path}".replace(HEAD_CT, NEVER_WAS), **ANNA)
        assert never[0] == 404
        assert answer(noord, f"/dicom-web/studies/{HEAD_CT}{path}", **ANNA) == never
    assert preview(noord)["missing"] == [HEAD_CT, NEVER_WAS]
    gone, never = archive(noord, HEAD_CT, **ANNA), archive(noord, NEVER_WAS, **ANNA)
    assert (gone.status_code, gone.content) == (never.status_code, never.content) == (404, gone.content)
    found = noord.client.get("/dicom-web/studies", headers=noord.token([HEAD_CT, KNEE_MR], **ANNA)).json()
    assert [study["0020000D"]["Value"] for study in found] == [[KNEE_MR]]


def test_beside_a_withheld_study_the_archive_is_that_of_the_others_alone(noord):
    keep_back(noord, Rule.EVERYBODY)
    with_it, without = archive(noord, HEAD_CT, KNEE_MR, index=1, **ANNA), archive(noord, KNEE_MR, index=1, **ANNA)
    assert with_it.content == without.content
    assert b"geeft: 1" not in ZipFile(BytesIO(with_it.content)).read("README.TXT")


def test_what_is_under_way_is_cut_and_goes_on_for_nobody_it_is_kept_back_from(noord):
    paths = {name: noord.lease([HEAD_CT], **whose) for name, whose in (("anna", ANNA), ("parent", PARENT))}
    begun = {name: noord.client.get(path, headers=lease) for name, (path, lease) in paths.items()}
    keep_back(noord, Rule.REPRESENTATIVES)
    again = {name: noord.client.get(path, headers=lease) for name, (path, lease) in paths.items()}
    assert again["parent"].status_code == 410
    assert (again["anna"].status_code, again["anna"].content) == (200, begun["anna"].content)
    assert again["anna"].headers["etag"] == begun["anna"].headers["etag"]


# A study that only the patient may see


def test_a_parent_finds_what_never_was_and_the_patient_no_difference(noord):
    paths = [f"/dicom-web/studies/{HEAD_CT}/metadata", f"/dicom-web/studies/{HEAD_CT}/series", "/dicom-web/studies"]
    before = [answer(noord, path, **ANNA) for path in paths]
    was = preview(noord)
    keep_back(noord, Rule.REPRESENTATIVES)
    assert [answer(noord, path, **ANNA) for path in paths] == before
    assert preview(noord)["studies"] == was["studies"]
    never = answer(noord, f"/dicom-web/studies/{NEVER_WAS}/metadata", **PARENT)
    assert answer(noord, paths[0], **PARENT) == never
    for role in ("parent", "mandate"):
        assert preview(noord, role)["missing"] == [HEAD_CT, NEVER_WAS]
    assert (
        archive(noord, HEAD_CT, KNEE_MR, index=11, **PARENT).content
        == archive(noord, KNEE_MR, index=11, **PARENT).content
    )


def test_what_a_parent_shared_with_a_doctor_is_in_the_parents_hands_too(noord):
    keep_back(noord, Rule.REPRESENTATIVES)
    assert preview(noord, "verified", "provider", "patient")["missing"] == [NEVER_WAS]
    for given_by in ("parent", "mandate", ""):
        assert preview(noord, "verified", "provider", given_by)["missing"] == [HEAD_CT, NEVER_WAS]


def test_a_token_that_does_not_say_is_one_of_a_representative(noord):
    keep_back(noord, Rule.REPRESENTATIVES)
    assert answer(noord, f"/dicom-web/studies/{HEAD_CT}/metadata")[0] == 404


# Reports under embargo


@pytest.mark.parametrize("rule", [Rule.EMBARGO, Rule.ANNOUNCED])
def test_reports_under_embargo_are_in_nothing_that_leaves_until_the_day(noord, rule):
    whole = archive(noord, HEAD_CT, **ANNA)
    keep_back(noord, rule, until=tomorrow(noord))
    told = of(preview(noord), HEAD_CT)
    assert (told["instances"], told["reports"], told["changed"]["added"]) == (7, [], 7)
    assert {series["modality"] for series in told["series"]} == {"CT"}
    part = archive(noord, HEAD_CT, **ANNA)
    assert part.status_code == 200 and len(part.content) < len(whole.content)
    assert not [name for name in ZipFile(BytesIO(part.content)).namelist() if "VERSLAG" in name.upper()]
    found = noord.client.get(f"/dicom-web/studies/{HEAD_CT}/series", headers=noord.token([HEAD_CT], **ANNA)).json()
    assert {series["00080060"]["Value"][0] for series in found} == {"CT"}
    never = answer(noord, f"/dicom-web/studies/{HEAD_CT}/series/{HEAD_CT}.9/instances/{HEAD_CT}.9.1", **ANNA)
    assert answer(noord, f"/dicom-web/studies/{HEAD_CT}/series/{HEAD_CT}.4/instances/{SR}", **ANNA) == never
    keep_back(noord, rule, until=noord.clock().astimezone(HERE).date())
    assert len(of(preview(noord), HEAD_CT)["reports"]) == 2
    assert answer(noord, f"/dicom-web/studies/{HEAD_CT}/series/{HEAD_CT}.4/instances/{SR}", **ANNA)[0] == 200


def test_the_address_of_a_report_under_embargo_leads_to_what_never_was(noord):
    def read(uid: str) -> tuple[int, bytes]:
        code = noord.portal.code(noord.url, [HEAD_CT], index=5, **ANNA)
        asked = {"code": code, "iss": noord.portal.base_url, "report": report_name("grant-5", uid)}
        to = noord.client.get("/download", params=asked)
        lease = {"Beeldpas-Lease": to.headers["set-cookie"].partition(";")[0].partition("=")[2]}
        page = noord.client.get(to.headers["location"], headers=lease)
        return page.status_code, page.content

    assert read(SR)[0] == read(PDF)[0] == 200
    keep_back(noord, Rule.EMBARGO, until=tomorrow(noord))
    assert read(SR) == read(PDF) == read("1.2.3") and read(SR)[0] == 404


def test_a_download_that_began_under_embargo_stays_what_it_was_when_the_embargo_ends(noord):
    keep_back(noord, Rule.EMBARGO, until=tomorrow(noord))
    path, lease = noord.lease([HEAD_CT], **ANNA)
    begun = noord.client.get(path, headers=lease)
    in_database(noord, lift_all)
    assert noord.client.get(path, headers=lease).content == begun.content
    assert len(archive(noord, HEAD_CT, **ANNA).content) > len(begun.content)


def test_setting_and_lifting_stand_in_the_log_with_who_did_it(noord):
    keep_back(noord, Rule.ANNOUNCED, until=date(2099, 1, 1))
    in_database(noord, lift_all)
    rows = [row for row in noord.log() if row["kind"] in ("keep_back", "lift_rules")][-2:]
    assert [(row["rules"], row["studies"], row.get("until")) for row in rows] == [
        (["announced"], [HEAD_CT], "2099-01-01"),
        (["announced"], [HEAD_CT], None),
    ]
    assert {row["actor_kind"] for row in rows} == {"administrator"}


def test_a_transfer_is_cut_within_moments_of_the_rule(noord):
    noord.client.get(f"/dicom-web/studies/{KNEE_MR}/metadata", headers=noord.token([KNEE_MR], **ANNA))
    running = [one for one in noord.house.transfers if KNEE_MR in one.studies and one.outcome == "running"]
    assert running
    keep_back(noord, Rule.EVERYBODY, KNEE_MR)
    wait_until(lambda: {one.outcome for one in running} == {"cut"})


# On both databases


PATIENT = Onlooker(date(2026, 11, 24), stands_in=False)


@pytest.fixture
async def index(hospital: Index, tmp_path: Any) -> Index:
    fill(tmp_path / "import")
    await hospital.ingest(tmp_path / "import")
    await hospital.crosswalk()
    return hospital


async def rule(index: Index, kind: Rule, until: date | None = None, study: str = HEAD_CT) -> None:
    now = datetime(2026, 11, 24, 12, tzinfo=UTC)
    async with transaction(index.engine) as connection:
        await releasing.keep_back(connection, Kept(study, kind, until), "noord", now)


async def published(index: Index, day: int = 24) -> dict[str, Any]:
    async with transaction(index.engine) as connection:
        found = await studies_after(connection, "", 100, OWN, datetime(2026, 11, day, 12, tzinfo=UTC))
    return {one.study_uid: one for one in found}


async def test_the_registry_is_told_of_representatives_and_never_of_what_is_withheld_from_all(index):
    await rule(index, Rule.REPRESENTATIVES)
    await rule(index, Rule.EVERYBODY, study=KNEE_MR)
    told = await published(index)
    assert told[HEAD_CT].withheld_from == ("representatives",)
    assert KNEE_MR not in told


@pytest.mark.parametrize(("kind", "told"), [(Rule.EMBARGO, []), (Rule.ANNOUNCED, [date(2026, 11, 26)] * 2)])
async def test_an_embargo_is_told_with_its_day_or_leaves_no_trace(index, kind, told):
    before = (await published(index))[HEAD_CT]
    await rule(index, kind, date(2026, 11, 26))
    during, after = (await published(index, 25))[HEAD_CT], (await published(index, 26))[HEAD_CT]
    assert [report.readable_from for report in during.reports] == told
    assert {series.modality for series in during.series} == {"CT"}
    assert after == before


async def test_the_day_is_the_day_in_the_netherlands(index):
    await rule(index, Rule.EMBARGO, date(2026, 11, 25))
    async with transaction(index.engine) as connection:
        for hour, reports in ((22, 0), (23, 2)):
            onlooker = Onlooker.at(datetime(2026, 11, 24, hour, 59, tzinfo=UTC), stands_in=False)
            (study,) = await held(connection, [HEAD_CT], onlooker)
            assert sum(one.report is not None for one in study.instances) == reports


async def test_a_new_rule_of_the_same_sort_takes_the_place_of_the_old(index):
    await rule(index, Rule.EMBARGO, date(2026, 11, 26))
    await rule(index, Rule.ANNOUNCED, date(2026, 12, 1))
    await rule(index, Rule.REPRESENTATIVES)
    async with transaction(index.engine) as connection:
        assert await releasing.listing(connection) == (
            Kept(HEAD_CT, Rule.ANNOUNCED, date(2026, 12, 1)),
            Kept(HEAD_CT, Rule.REPRESENTATIVES),
        )


async def test_a_selection_of_before_a_rule_cannot_be_given_any_more_to_whom_it_concerns(index):
    before = await index.generation()
    await rule(index, Rule.REPRESENTATIVES)
    async with transaction(index.engine) as connection:
        await changes.require_unchanged(connection, [HEAD_CT], before, PATIENT)
        with pytest.raises(Conflict):
            await changes.require_unchanged(connection, [HEAD_CT], before, Onlooker(PATIENT.day, stands_in=True))


@pytest.mark.parametrize(
    ("kept", "wrong"),
    [
        (Kept("no uid", Rule.EVERYBODY), Malformed("uid")),
        (Kept(HEAD_CT, Rule.EMBARGO), Malformed("embargo_day")),
        (Kept(HEAD_CT, Rule.EVERYBODY, date(2027, 1, 1)), Malformed("embargo_day")),
    ],
)
async def test_a_rule_that_is_none_is_refused(index, kept, wrong: BeeldpasError):
    async with transaction(index.engine) as connection:
        with pytest.raises(type(wrong), match=wrong.reason):
            await releasing.keep_back(connection, kept, "noord", datetime(2026, 11, 24, tzinfo=UTC))
        with pytest.raises(NotFound):
            await releasing.lift(connection, HEAD_CT, "noord", datetime(2026, 11, 24, tzinfo=UTC))
