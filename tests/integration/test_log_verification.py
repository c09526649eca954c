"""Whoever changes the log after the fact is found by `beeldpas audit verify`, and a proof needs public keys alone."""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import sqlite3
import subprocess
import sys
from base64 import b64decode, b64encode
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from joserfc.jwk import KeySet
from tests.cast import NOW
from tests.portal_log import NOORD, NOORD_KEYS, PORTAL, PORTAL_KEYS, Hospital, PortalLog
from typer.testing import CliRunner

from beeldpas.audit.checkpoint import Checkpoint, LogKeys
from beeldpas.audit.erasure import Erasure
from beeldpas.audit.leaf import commitment, leaf_hash
from beeldpas.audit.sequencer import Sequencer
from beeldpas.audit.tree import root_of
from beeldpas.audit_commands import app
from beeldpas.demo.toml import to_toml

OLD = NOW - timedelta(days=6 * 365)
PLACED = "SELECT row_id FROM log_place WHERE place = 700"


@dataclass(frozen=True)
class Kept:
    """A portal's settings, its database, and what was written in it."""

    folder: Path
    events: tuple[str, ...]

    @property
    def database(self) -> Path:
        return self.folder / "portal.db"

    def audit(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Give the command its words, in this folder."""
        with contextlib.chdir(self.folder):
            done = CliRunner().invoke(app, words, catch_exceptions=False)
        return subprocess.CompletedProcess(words, done.exit_code, done.stdout, done.stderr)

    def audit_apart(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run the command in a process of its own."""
        command = [sys.executable, "-m", "beeldpas", "audit", *words]
        return subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False)

    def sql(self, *statements: str) -> None:
        """Work on the database as its owner: triggers are put out of the way first."""
        with closing(sqlite3.connect(self.database)) as connection:
            names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
            for statement in (*(f"DROP TRIGGER {name}" for (name,) in names), *statements):
                connection.execute(statement)
            connection.commit()

    def copy(self, folder: Path) -> Kept:
        """The same portal somewhere else, to be spoiled."""
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        _write_settings(folder)
        return Kept(folder, self.events)


def _write_settings(folder: Path) -> None:
    settings = {
        "environment": "demo",
        "base_url": PORTAL,
        "state_dir": str(folder),
        "database_url": f"sqlite+aiosqlite:///{folder / 'portal.db'}",
        "key_file": str(folder / "portal.jwks.json"),
        "hospitals_file": str(folder / "hospitals.toml"),
        "port": 8000,
        "service": {"organisation": "somebody else's business"},
    }
    (folder / "portal.toml").write_text(to_toml(settings))
    hospital = {"gateway_id": "noord", "name": "Noord", "ura": "90000101", "phone": "088", "base_url": NOORD}
    listed = {"hospital": [hospital | {"jwks_file": str(folder / "noord.public.json")}]}
    (folder / "hospitals.toml").write_text(to_toml(listed))
    (folder / "portal.jwks.json").write_text(json.dumps(PORTAL_KEYS.as_dict(private=True)))
    (folder / "noord.public.json").write_text(json.dumps(NOORD_KEYS.as_dict(private=False)))


async def _fill(folder: Path) -> tuple[str, ...]:
    log = await PortalLog.new(folder / "portal.db")
    hospital = await Hospital.new(f"sqlite+aiosqlite:///{folder / 'noord.db'}")
    events = await log.write(3, at=OLD)
    for count in (600, 90, 7, 1):
        events += await log.write(count)
        assert await hospital.looks_at(log) == "cosigned"
    events += await log.write(2)
    await log.engine.dispose()
    await hospital.engine.dispose()
    return tuple(events)


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """703 events, the last two of which no hospital has seen."""
    folder = tmp_path_factory.mktemp("sound")
    _write_settings(folder)
    return Kept(folder, asyncio.run(_fill(folder)))


@pytest.fixture
def spoiled(sound: Kept, tmp_path: Path) -> Kept:
    return sound.copy(tmp_path)


def test_a_log_that_nobody_touched_holds(sound: Kept) -> None:
    done = sound.audit("verify", "--config", "portal.toml")
    assert (done.returncode, done.stderr) == (0, "")
    assert "703 events in their places, 0 of them erased" in done.stdout
    assert "noord.example saw the first 701" in done.stdout


TAMPERED = {
    "a record": (
        "UPDATE access_log SET record = replace(record, 'Dekker', 'Bakker') WHERE row_id = (PLACED)",
        "the record at place 700 ({event}) is not what it was",
    ),
    "whose record it is": (
        "UPDATE access_log SET patient = 'p1.bram' WHERE row_id = (PLACED)",
        "what stands beside the record at place 700 ({event})",
    ),
    "a record that is taken out": (
        "DELETE FROM access_log WHERE row_id = (PLACED)",
        "the record at place 700 is gone",
    ),
    "a record that is emptied early": (
        "UPDATE access_log SET record = '', salt = x'' WHERE row_id = (PLACED)",
        "the record at place 700 ({event}) was erased before its term",
    ),
    "one that is emptied and made to look old": (
        "UPDATE access_log SET record = '', salt = x'', at = '2010-01-01 00:00:00.000000' WHERE row_id = (PLACED)",
        "the record at place 700 ({event}) was erased before its term",
    ),
    "a place": ("DELETE FROM log_place WHERE place = 700", "place 700 is missing"),
    "the end": (
        "DELETE FROM log_place WHERE place > 700",
        "never got a place",
    ),
    "a checkpoint": (
        "UPDATE log_checkpoint SET note = replace(note, 'portal.example/log', 'portal.example/lag') WHERE size = 701",
        "the checkpoint of 701 records is not signed by this log",
    ),
    "two records that change places": (
        "UPDATE log_place SET leaf_hash = (SELECT leaf_hash FROM log_place AS other WHERE other.place = "
        "1401 - log_place.place), row_id = -row_id WHERE place IN (700, 701)",
        "place 700",
    ),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_the_first_altered_record_is_named(spoiled: Kept, what: str) -> None:
    statement, said = TAMPERED[what]
    spoiled.sql(statement.replace("PLACED", PLACED))
    done = spoiled.audit("verify", "--config", "portal.toml")
    assert done.returncode == 1, done.stdout
    assert said.format(event=spoiled.events[700]) in done.stderr


def test_a_record_that_was_altered_with_all_its_hashes_is_found_by_what_was_signed(spoiled: Kept) -> None:
    """The database's owner does all that he can without the portal's key."""
    _alter_with_hashes(spoiled)
    done = spoiled.audit("verify", "--config", "portal.toml")
    assert done.returncode == 1
    first = done.stderr.splitlines()[0]
    assert first == "wrong: a record at one of the places 693 to 699 was altered together with its hash"


def test_with_the_portals_own_key_too_the_hospitals_word_is_over_something_else(spoiled: Kept) -> None:
    _alter_with_hashes(spoiled)
    keys = LogKeys.of(PORTAL, PORTAL_KEYS)
    with closing(sqlite3.connect(spoiled.database)) as connection:
        leaves = [one for (one,) in connection.execute("SELECT leaf_hash FROM log_place ORDER BY place")]
        for (size,) in connection.execute("SELECT size FROM log_checkpoint").fetchall():
            note = keys.sign(Checkpoint(keys.origin, size, root_of(leaves[:size])))
            connection.execute("UPDATE log_checkpoint SET note = ? WHERE size = ?", (str(note), size))
        connection.commit()
    done = spoiled.audit("verify", "--config", "portal.toml")
    assert done.returncode == 1
    assert "the word of noord.example below the checkpoint of 700 records is over something else" in done.stderr


def _alter_with_hashes(kept: Kept) -> None:
    kept.sql()
    with closing(sqlite3.connect(kept.database)) as connection:
        row_id, record, salt = connection.execute(
            "SELECT row_id, record, salt FROM access_log WHERE event_id = ?", (kept.events[697],)
        ).fetchone()
        record = record.replace("Dekker", "Bakker")
        changed = leaf_hash(commitment(salt, record))
        connection.execute(
            "UPDATE access_log SET record = ?, leaf_hash = ? WHERE row_id = ?", (record, changed, row_id)
        )
        connection.execute("UPDATE log_place SET leaf_hash = ? WHERE row_id = ?", (changed, row_id))
        connection.commit()


def test_a_record_that_never_got_a_place_is_named(spoiled: Kept) -> None:
    columns = "event_id, at, kind, source, patient, share_id, record, salt, leaf_hash"
    spoiled.sql(
        f"INSERT INTO access_log ({columns}) SELECT 'hidden', at, kind, source, patient, share_id, record, salt, "  # noqa: S608
        f"leaf_hash FROM access_log WHERE row_id = ({PLACED})"
    )
    done = spoiled.audit("verify", "--config", "portal.toml")
    assert (done.returncode, "the record hidden never got a place" in done.stderr) == (1, True)


def test_the_log_holds_after_erasing_what_is_past_its_term(spoiled: Kept) -> None:
    async def erase() -> int:
        log = PortalLog(spoiled.database)
        count = await Erasure(log.engine, "portal", 5, log.clock).erase_due()
        await Sequencer(log.engine, LogKeys.of(PORTAL, PORTAL_KEYS), log.clock).place_waiting()
        await log.engine.dispose()
        return count

    assert asyncio.run(erase()) == 3
    done = spoiled.audit("verify", "--config", "portal.toml")
    assert (done.returncode, done.stderr) == (0, "")
    assert "events in their places, 3 of them erased" in done.stdout
    with closing(sqlite3.connect(spoiled.database)) as connection:
        told = connection.execute("SELECT record FROM access_log WHERE kind = 'erase_log'").fetchall()
    assert json.loads(told[0][0])["count"] == 3
    gone = spoiled.audit("prove", spoiled.events[0], "--config", "portal.toml", "--out", "proof")
    assert (gone.returncode, "erased after its term" in gone.stderr) == (2, True)


@pytest.fixture(scope="module")
def proof(sound: Kept, tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """Another machine: a proof of event 77, a dump, and public keys; no settings, no database."""
    folder = tmp_path_factory.mktemp("elsewhere")
    event = sound.events[77]
    done = sound.audit("prove", event, "--config", "portal.toml", "--out", str(folder / "event.tlog-proof"))
    assert done.returncode == 0, done.stderr
    assert sound.audit("dump", "--config", "portal.toml", "--out", str(folder / "log.dump")).returncode == 0
    (folder / "log.keys").write_text(sound.audit("keys", "--config", "portal.toml").stdout)
    return Kept(folder, sound.events)


def test_a_proof_is_accepted_elsewhere_with_public_keys_alone(proof: Kept) -> None:
    done = proof.audit_apart("verify", "event.tlog-proof", "--keys", "log.keys")
    assert (done.returncode, done.stderr) == (0, "")
    assert f"{proof.events[77]}: view_share, done" in done.stdout
    assert "is event 77 of portal.example/log, in the tree of 603" in done.stdout
    assert "noord.example saw that tree at 2026-11-24" in done.stdout
    assert '"d"' not in (proof.folder / "log.keys").read_text()


def test_a_dump_is_checked_elsewhere_too(proof: Kept, tmp_path: Path) -> None:
    done = proof.audit("verify", "log.dump", "--keys", "log.keys")
    assert (done.returncode, done.stderr) == (0, "")
    assert "703 events in their places" in done.stdout
    lines = (proof.folder / "log.dump").read_text().splitlines(keepends=True)
    lines[300] = lines[300].replace("Dekker", "Bakker")
    (tmp_path / "bad.dump").write_text("".join(lines))
    done = proof.audit("verify", str(tmp_path / "bad.dump"), "--keys", "log.keys")
    assert (done.returncode, f"place 299 ({proof.events[299]})" in done.stderr) == (1, True)
    (tmp_path / "cut.dump").write_text("".join(lines[:-1]))
    assert proof.audit("verify", str(tmp_path / "cut.dump"), "--keys", "log.keys").returncode == 2


def test_who_takes_something_away_stands_in_the_log(sound: Kept, proof: Kept) -> None:
    with closing(sqlite3.connect(sound.database)) as connection:
        told = connection.execute(
            "SELECT record FROM access_log WHERE kind = 'export_log' ORDER BY row_id"
        ).fetchall()
    records = [json.loads(text) for (text,) in told]
    assert [(one["format"], one["patient"]) for one in records[:2]] == [("proof", "p1.anna"), ("dump", None)]


def test_a_proof_that_was_touched_is_refused(proof: Kept, tmp_path: Path) -> None:
    text = (proof.folder / "event.tlog-proof").read_text()
    first, extra, index, *rest = text.split("\n")
    record = b64decode(extra.removeprefix("extra ")).replace(b"Dekker", b"Bakker")
    touched = {
        "the record": "\n".join([first, f"extra {b64encode(record).decode()}", index, *rest]),
        "the place": "\n".join([first, extra, "index 78", *rest]),
        "the path": "\n".join([first, extra, index, *rest[1:]]),
        "the size": text.replace("\n603\n", "\n604\n"),
    }
    for what, spoiled in touched.items():
        (tmp_path / "proof").write_text(spoiled)
        done = proof.audit("verify", str(tmp_path / "proof"), "--keys", "log.keys")
        assert (done.returncode, done.stderr.startswith("error: ")) == (1, True), what


def test_a_proof_needs_as_many_hospitals_as_are_asked_for(proof: Kept) -> None:
    assert proof.audit("verify", "event.tlog-proof", "--keys", "log.keys", "--witnesses", "2").returncode == 1
    own = [line for line in (proof.folder / "log.keys").read_text().splitlines() if "/log+" in line]
    (proof.folder / "own.keys").write_text("\n".join(own))
    assert proof.audit("verify", "event.tlog-proof", "--keys", "own.keys").returncode == 1
    assert proof.audit("verify", "event.tlog-proof", "--keys", "own.keys", "--witnesses", "0").returncode == 0


@pytest.mark.parametrize("keys", ["", "# nothing\n", "portal.example/log+00000000+AAAA", "no key"])
def test_without_the_right_keys_nothing_is_proven(proof: Kept, tmp_path: Path, keys: str) -> None:
    (tmp_path / "keys").write_text(keys)
    assert proof.audit("verify", "event.tlog-proof", "--keys", str(tmp_path / "keys")).returncode == 2


def test_an_event_that_is_not_there_cannot_be_proven(sound: Kept) -> None:
    done = sound.audit("prove", "nobody", "--config", "portal.toml", "--out", "proof")
    assert (done.returncode, done.stderr) == (1, "error: there is no such event in this log\n")


def test_the_keys_of_another_portal_do_not_fit() -> None:
    assert LogKeys.of(PORTAL, PORTAL_KEYS).verifiers != LogKeys.of(PORTAL, KeySet(NOORD_KEYS.keys)).verifiers
