"""The command `beeldpas gateway`: one function for each thing an administrator does."""

import asyncio
import json
from collections import Counter
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from beeldpas.audit.events import Administration
from beeldpas.database.engine import transaction
from beeldpas.domain.errors import BeeldpasError
from beeldpas.gateway import access_log, crosswalk, quarantine
from beeldpas.gateway.administration import (
    import_file,
    ingest_all,
    list_pacs,
    publish_all,
    recalls,
    rejections,
    verify_all,
)
from beeldpas.gateway.app import build_app, build_house, open_database
from beeldpas.gateway.intake import Ingested
from beeldpas.gateway.notes import REASONS
from beeldpas.gateway.objects.open import open_store
from beeldpas.gateway.progress import Line
from beeldpas.gateway.publish import Published
from beeldpas.gateway.release_commands import app as release
from beeldpas.gateway.scrub import Damage, Scrub
from beeldpas.gateway.settings import GatewaySettings
from beeldpas.gateway.starting import note, note_own_start
from beeldpas.gateway.status import utc_now
from beeldpas.gateway.verifying import Verified
from beeldpas.gateway.witness_commands import witness
from beeldpas.web.logging import configure
from beeldpas.web.serve import harden
from beeldpas.web.serve import serve as run

app = typer.Typer(help="The hospital's door: index, publish and serve its own images.", no_args_is_help=True)
app.command()(witness)
app.add_typer(release, name="release")
Config = Annotated[Path, typer.Option("--config", help="The settings file (TOML).", exists=True)]
T = TypeVar("T")
_WORDS = {
    "disk_full": "there is no room left on the store; each series is there whole or not at all",
    "temporary_disk_full": "there is no room for temporary files; what was looked at before is indexed",
    "store_failed": "the object store does not answer",
    "store_empty": "the store is empty while the index is not: is its disk mounted?",
    "object_altered": "an object changed while it was read; run the command again",
    "object_gone": "an object disappeared while it was read; run the command again",
    "crosswalk_columns": f"the file needs the columns {', '.join(crosswalk.COLUMNS)}",
    "crosswalk_unreadable": "the crosswalk cannot be read: it must be there, and be UTF-8 with commas",
    "no_registry": "the settings name no registry",
    "no_pacs": "the settings name no PACS",
    "pacs_unreachable": "the PACS does not answer",
    "pacs_refused": "the PACS refuses: does it know this gateway's name, and may it ask?",
    "pacs_unreadable": "what the PACS answered cannot be read",
    "transfer_cut": "the connection with the PACS broke",
    "kill_switch": "the kill switch is on: nothing is asked of the PACS while its file is there",
    "quiet_hours": "these are quiet hours: nothing is asked of the PACS now",
}


@app.command()
def serve(config: Config) -> None:
    """Serve downloads, DICOMweb and previews. Example: beeldpas gateway serve --config noord.toml"""
    settings = GatewaySettings.load(config)
    configure(f"gateway-{settings.gateway_id}")
    house = build_house(settings, utc_now)
    asyncio.run(note_own_start(settings))
    run(
        harden(build_app(house)),
        host=settings.host,
        port=settings.port,
        tls_cert=settings.tls_cert,
        tls_key=settings.tls_key,
        unix_socket=settings.socket,
    )


@app.command()
def ingest(
    config: Config,
    folder: Annotated[
        Path | None, typer.Argument(help="Copied into the store first; without it: what lies there.")
    ] = None,
) -> None:
    """Index every readable DICOM file, report the rest. Example: beeldpas gateway ingest --config noord.toml"""
    settings = GatewaySettings.load(config)
    done = Ingested()
    _run(note(settings, Administration.INGEST))
    try:
        _run(ingest_all(settings, folder, done))
    finally:
        _show_ingested(done)
    _show_withheld(settings)


@app.command("crosswalk")
def import_crosswalk(
    config: Config,
    file: Annotated[Path | None, typer.Argument(help="CSV; without it: crosswalk.csv in the state folder.")] = None,
    correct: Annotated[
        bool, typer.Option("--correct", help="A number may go to another patient than before.")
    ] = False,
) -> None:
    """Read whose local number is whose. Example: beeldpas gateway crosswalk --config noord.toml patients.csv"""
    settings = GatewaySettings.load(config)
    _run(note(settings, Administration.IMPORT_CROSSWALK))
    changed, faults = _run(import_file(settings, file or settings.state_dir / "crosswalk.csv", correct))
    for fault in faults:
        typer.echo(f"line {fault.line}: {fault.reason.replace('_', ' ')}", err=True)
    typer.echo(f"{changed} numbers changed, {len(faults)} lines with a fault")
    _show_withheld(settings)
    if faults:
        raise typer.Exit(1)


@app.command()
def sync(
    config: Config,
    everybody: Annotated[
        bool, typer.Option("--all", help="Every patient anew, also those who were listed before.")
    ] = False,
) -> None:
    """List what the hospital's PACS has. Example: beeldpas gateway sync --config noord.toml"""
    settings = GatewaySettings.load(config)
    _run(note(settings, Administration.LIST_PACS))
    done = _run(list_pacs(settings, everybody=everybody))
    typer.echo(
        f"{done.patients} patients listed in full: "
        f"{done.changed} studies new or changed, {done.unchanged} unchanged, {done.lost} no longer there"
    )


@app.command()
def publish(
    config: Config,
    again: Annotated[
        bool, typer.Option("--again", help="Everything, also what did not change: the registry lost it.")
    ] = False,
    check: Annotated[
        bool, typer.Option("--verify", help="Compare with what the registry has, entry by entry, and repair.")
    ] = False,
) -> None:
    """Tell the registry what this hospital has. Example: beeldpas gateway publish --config noord.toml"""
    settings, line = GatewaySettings.load(config), Line("studies looked at")
    _run(note(settings, Administration.PUBLISH))
    done: Published | Verified
    done = _run(verify_all(settings, line)) if check else _run(publish_all(settings, line, again=again))
    line.end()
    for study_uid, where in done.refused:
        typer.echo(f"refused by the registry: {study_uid} {where}", err=True)
    typer.echo(done.words)
    if done.refused:
        raise typer.Exit(1)


@app.command()
def scrub(config: Config) -> None:
    """Read all that is stored and compare it with the index. Example: beeldpas gateway scrub --config noord.toml"""
    settings = GatewaySettings.load(config)

    async def read() -> tuple[int, list[Damage]]:
        engine = open_database(settings)
        try:
            return await Scrub(engine, open_store(settings), utc_now).once()
        finally:
            await engine.dispose()

    count, damaged = _run(read())
    for one in damaged:
        typer.echo(f"{one.reason:8} {one.sop_uid}  byte {one.start} of {one.key}")
    typer.echo(f"{count} instances read, {len(damaged)} damaged")
    if damaged:
        raise typer.Exit(1)


@app.command()
def log(
    config: Config,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON lines, the only form there is.")] = True,
) -> None:
    """Print this hospital's own access log. Example: beeldpas gateway log --config noord.toml --json"""
    settings = GatewaySettings.load(config)

    async def rows() -> list[dict[str, Any]]:
        engine = open_database(settings)
        try:
            async with transaction(engine) as connection:
                return await access_log.rows(connection)
        finally:
            await engine.dispose()

    _run(note(settings, Administration.READ_LOG))
    for row in _run(rows()):
        typer.echo(json.dumps(row, ensure_ascii=False))


@app.command()
def recall(config: Config) -> None:
    """List who got what was taken back later, as JSON lines. Example: beeldpas gateway recall --config noord.toml"""
    settings = GatewaySettings.load(config)
    _run(note(settings, Administration.LIST_RECALLS))
    for event in _run(recalls(settings)):
        typer.echo(json.dumps(event, ensure_ascii=False))


@app.command()
def rejected(config: Config) -> None:
    """List what rejection notes name, and why. Example: beeldpas gateway rejected --config noord.toml"""
    for one in _run(rejections(GatewaySettings.load(config))):
        typer.echo(f"{REASONS[one.code]:16} {one.standing:16} {one.study_uid}  {one.sop_uid}  by {one.note_uid}")


def _show_ingested(done: Ingested) -> None:
    for outcome in done.skipped:
        typer.echo(f"skipped  {outcome.reason:14}  {outcome.key}")
    typer.echo(f"{done.indexed} indexed, {done.unchanged} unchanged, {done.gone} gone, {len(done.skipped)} skipped")
    if done.left:
        typer.echo(f"{done.left} files were not taken in, and nothing of them is stored", err=True)


def _show_withheld(settings: GatewaySettings) -> None:
    async def listing() -> tuple[quarantine.Withheld, ...]:
        engine = open_database(settings)
        try:
            async with transaction(engine) as connection:
                return await quarantine.listing(connection)
        finally:
            await engine.dispose()

    for study in _run(listing()):
        typer.echo(f"withheld {study.reason:24}  {study.study_uid}  {study.issuer} {study.local_number}")
    named = Counter((REASONS[one.code], one.standing, one.study_uid) for one in _run(rejections(settings)))
    for (why, standing, study_uid), count in named.items():
        typer.echo(f"rejected {why:16} {standing:16}  {study_uid}  {count} instances")


def _run(work: Coroutine[Any, Any, T]) -> T:
    """Do the work of a command; what went wrong is said in words, with exit code 2."""
    try:
        return asyncio.run(work)
    except BeeldpasError as error:
        typer.echo(f"error: {_WORDS.get(error.reason, error.reason.replace('_', ' '))}", err=True)
        raise typer.Exit(2) from error
