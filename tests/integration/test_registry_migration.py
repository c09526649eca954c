"""A registry of before is brought to partitions: what was found is found, under the same ids and versions."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, make_url, text
from tests.conftest import NewDatabase

from beeldpas.database.engine import migrate
from beeldpas.registry.app import MIGRATIONS

NOW = datetime(2026, 3, 1, tzinfo=UTC)
STUDY = {
    "gateway_id": "noord",
    "study_uid": "1.2.3",
    "entry_id": "e-1",
    "pseudonym": "n1.c0ffee",
    "basis": "law",
    "status": "available",
    "started": date(2024, 3, 1),
    "version": 4,
    "updated_at": NOW,
    "resource": '{"resourceType":"ImagingStudy"}',
}
REPORT = {
    "gateway_id": "noord",
    "identifier": "urn:dicom:uid|urn:oid:1.2.3.9",
    "entry_id": "e-2",
    "pseudonym": "n1.c0ffee",
    "status": "final",
    "version": 1,
    "updated_at": NOW,
    "resource": '{"resourceType":"DiagnosticReport"}',
}


@pytest.fixture(params=["sqlite", "postgresql"])
def before(request: pytest.FixtureRequest, new_database: NewDatabase) -> Iterator[str]:
    """A database as it was at revision 0003, with a study (and one of an unknown day) and a report."""
    url = new_database(request.param)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("sqlalchemy.url", url)
    command.upgrade(config, "0003")
    rows: list[tuple[str, dict[str, Any]]] = [
        ("endpoint", {"gateway_id": "noord", "version": 1, "updated_at": NOW, "resource": "{}"}),
        ("imaging_study", STUDY),
        ("imaging_study", STUDY | {"study_uid": "1.2.4", "entry_id": "e-3", "started": None}),
        ("diagnostic_report", REPORT),
    ]
    engine = create_engine(sync(url))
    with engine.begin() as connection:
        for table, row in rows:
            names = ", ".join(row)
            marks = ", ".join(f":{name}" for name in row)
            statement = f"INSERT INTO {table} ({names}) VALUES ({marks})"  # noqa: S608  (names of this file)
            connection.execute(text(statement), row)
    engine.dispose()
    yield url


def sync(url: str) -> Any:
    parsed = make_url(url)
    return parsed.set(drivername="sqlite") if parsed.get_backend_name() == "sqlite" else parsed


def test_what_was_there_is_there_and_has_its_place(before: str) -> None:
    migrate(before, MIGRATIONS)
    engine = create_engine(sync(before))
    with engine.connect() as connection:
        studies = connection.execute(
            text("SELECT entry_id, key, version, started, from_providers FROM imaging_study ORDER BY entry_id")
        ).all()
        places = connection.execute(
            text("SELECT kind, key, entry_id, pseudonym, version, status FROM entry_place ORDER BY entry_id")
        ).all()
        left = connection.execute(text("SELECT count(*) FROM diagnostic_report WHERE pseudonym = 'n1.c0ffee'"))
        assert left.scalar_one() == 1
        listed = connection.execute(text("SELECT count(*) FROM imaging_study WHERE listed"))
        assert listed.scalar_one() == 0, "of entries of before, no instances are known"
    engine.dispose()
    assert [(one[0], one[1], one[2], str(one[3]), bool(one[4])) for one in studies] == [
        ("e-1", "1.2.3", 4, "2024-03-01", False),
        ("e-3", "1.2.4", 4, "0001-01-01", False),
    ]
    assert [tuple(one) for one in places] == [
        ("ImagingStudy", "1.2.3", "e-1", "n1.c0ffee", 4, "available"),
        ("DiagnosticReport", "urn:dicom:uid|urn:oid:1.2.3.9", "e-2", "n1.c0ffee", 1, "final"),
        ("ImagingStudy", "1.2.4", "e-3", "n1.c0ffee", 4, "available"),
    ]


def test_on_postgresql_a_person_is_in_one_of_many_partitions(new_database: NewDatabase) -> None:
    url = new_database("postgresql")
    migrate(url, MIGRATIONS)
    engine = create_engine(url)
    with engine.connect() as connection:
        parts = connection.execute(
            text("SELECT count(*) FROM pg_inherits WHERE inhparent = 'imaging_study'::regclass")
        )
        assert parts.scalar_one() == 32
        plan = connection.execute(
            text(
                "EXPLAIN SELECT * FROM imaging_study WHERE pseudonym IN ('n1.c0ffee') ORDER BY started DESC LIMIT 10"
            )
        )
        told = "\n".join(plan.scalars())
    engine.dispose()
    assert sum(f"imaging_study_{number:02}" in told for number in range(32)) == 1, told
