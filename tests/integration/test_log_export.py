"""A period of a log on the command line, in each form: the log itself says that it was handed on."""

from __future__ import annotations

import asyncio
import csv
import json
from dataclasses import replace
from pathlib import Path
from xml.etree.ElementTree import fromstring

import pytest
from fhir.resources.R4B.auditevent import AuditEvent
from tests.audit_schema import faults
from tests.cast import ANNA, NOW
from tests.log_records import PATIENT, STUDIES, careless, event_of
from typer.testing import CliRunner

from beeldpas.audit.events import CATALOGUE, Use
from beeldpas.audit.export_nen7513 import COLUMNS
from beeldpas.audit.log import append
from beeldpas.audit_commands import app
from beeldpas.database.engine import migrate, open_engine, transaction
from beeldpas.registry.app import MIGRATIONS

TODAY = NOW.date().isoformat()


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A registry with one event of every kind, by somebody who types citizen service numbers everywhere."""
    folder = tmp_path_factory.mktemp("export")
    url = f"sqlite+aiosqlite:///{folder}/log.db"
    migrate(url, MIGRATIONS)
    asyncio.run(fill(url))
    file = folder / "registry.toml"
    (folder / "keys.json").write_text("{}")
    file.write_text(
        f'base_url = "https://registry.example"\nstate_dir = "{folder}"\n'
        f'database_url = "{url}"\nkey_file = "keys.json"\n'
    )
    return file


async def fill(url: str) -> None:
    engine = open_engine(url)
    async with transaction(engine) as connection:
        for number, kind in enumerate(CATALOGUE):
            event = careless(kind) if number % 2 else event_of(kind)
            await append(connection, replace(event, event_id=f"0b8f3a52-6f0e-4a55-9a6e-{number:012}"))
    await engine.dispose()


def export(config: Path, form: str, *more: str) -> list[str]:
    words = ["export", "--config", str(config), "--format", form, "--since", TODAY, "--until", "2027-01-01", *more]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    assert ANNA.bsn.reveal() not in done.output
    return done.stdout.splitlines()


def test_every_event_is_a_fhir_resource_a_line(config: Path) -> None:
    events = [json.loads(line) for line in export(config, "fhir")]
    for event in events:
        AuditEvent.model_validate(event)
    kinds = {event["subtype"][-1]["code"] for event in events}
    assert set(CATALOGUE) <= kinds


def test_every_event_is_a_dicom_message_a_line(config: Path) -> None:
    messages = [fromstring(line) for line in export(config, "dicom")]  # noqa: S314
    assert [fault for message in messages for fault in faults(message)] == []
    assert len(messages) >= len(CATALOGUE)


def test_every_event_is_a_line_of_the_table_and_the_export_is_the_last(config: Path) -> None:
    rows = list(csv.DictReader(export(config, "nen7513")))
    assert tuple(rows[0]) == COLUMNS
    assert rows[-1]["EventTypeCode"] == "export_log"
    assert not any(uid in str(rows) for uid in STUDIES), "a security officer sees no study"


def test_of_one_patient_only(config: Path) -> None:
    rows = list(csv.DictReader(export(config, "nen7513", "--patient", PATIENT)))
    assert {row["ParticipantObjectID"] for row in rows} == {PATIENT}
    assert Use.DOWNLOAD in {row["EventTypeCode"] for row in rows}


@pytest.mark.parametrize("period", [("2026-01-02", "2026-01-01"), ("2024-01-01", "2026-01-01")])
def test_a_period_is_needed_of_at_most_a_year(config: Path, period: tuple[str, str]) -> None:
    words = ["export", "--config", str(config), "--format", "fhir", "--since", period[0], "--until", period[1]]
    assert CliRunner().invoke(app, words).exit_code == 2
    assert CliRunner().invoke(app, words[:5]).exit_code == 2
