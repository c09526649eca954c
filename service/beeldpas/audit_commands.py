"""The command `beeldpas audit`: what somebody does with an access log, of whichever program it is.

Only what a word needs is imported, when it is asked for: a proof is checked where no database or server is installed.
"""

import asyncio
import tomllib
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from beeldpas.domain.errors import BeeldpasError, Malformed, NotFound

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

    from beeldpas.audit.checkpoint import LogKeys
    from beeldpas.audit.examination import Report
    from beeldpas.audit.handing_on import Wanted
    from beeldpas.audit.proof import Keys, Proof
    from beeldpas.web.settings import LogSettings

app = typer.Typer(help="The access log: check it, prove an event, hand it on.", no_args_is_help=True)
Config = Annotated[Path, typer.Option("--config", help="The settings file (TOML) of a program.", exists=True)]
_WRONG, _NOT_CHECKED = 1, 2
_T = TypeVar("_T")


@app.callback()
def audit() -> None:
    """The access log: check it, prove an event, hand it on."""


@app.command()
def verify(
    file: Annotated[Path | None, typer.Argument(help="A proof, or a dump of a log.", exists=True)] = None,
    config: Annotated[Path | None, typer.Option(help="Or: the settings file of a program, for its own log.")] = None,
    keys: Annotated[Path | None, typer.Option(help="Public keys, as `audit keys` prints them.")] = None,
    witnesses: Annotated[int, typer.Option(min=0, help="How many hospitals must stand by a proof.")] = 1,
) -> None:
    """Check a proof, a dump or a program's own log, without a network.

    Ends with 0 when all of it holds, 1 when something is wrong (the first thing is named), 2 when it could not be
    checked. Example: beeldpas audit verify event.tlog-proof --keys log.keys
    """
    if (file is None) == (config is None) or (file is not None and keys is None):
        raise typer.BadParameter("give a FILE with --keys, or the --config of a program")
    with _in_words():
        known = _keys(config, keys)
        if config is not None:
            _conclude(_look(config, _examined(config, known)))
        elif file is not None:
            _verify_file(file, known, witnesses)


@app.command()
def prove(
    event: Annotated[str, typer.Argument(help="The id of an event.")],
    config: Config,
    out: Annotated[Path, typer.Option(help="Where the proof is written.")],
) -> None:
    """Write the proof that an event is in the log. Example: beeldpas audit prove ID --config c.toml --out p"""
    from beeldpas.audit.proving import prove_event

    def made(connection: "AsyncConnection") -> "Coroutine[Any, Any, Proof]":
        return prove_event(connection, event)

    with _in_words():
        proof = _look(config, made)
        asyncio.run(_say_taken(config, "proof", event))
        out.write_text(str(proof), encoding="utf-8")
        typer.echo(f"{out}: event {proof.place}, with {len(proof.note.signatures) - 1} hospitals' words")


@app.command()
def dump(config: Config, out: Annotated[Path, typer.Option(help="Where the dump is written.")]) -> None:
    """Write a whole log as text, to be checked elsewhere. Example: beeldpas audit dump --config c.toml --out f"""
    from beeldpas.audit.examined import write_dump

    async def written(connection: "AsyncConnection") -> int:
        with out.open("w", encoding="utf-8") as file:
            return await write_dump(connection, _log_keys(config).origin, file)

    with _in_words():
        asyncio.run(_say_taken(config, "dump"))
        out.touch(mode=0o600)
        typer.echo(f"{out}: {_look(config, written)} events")


@app.command()
def export(
    config: Config,
    form: Annotated[str, typer.Option("--format", help="fhir, dicom or nen7513.")],
    since: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The first day.")],
    until: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The last day.")],
    patient: Annotated[str | None, typer.Option(help="Only of this patient, by the name in the log.")] = None,
) -> None:
    """Print a period of a log in the form of a standard; the log says so.

    Example: beeldpas audit export --config c.toml --format nen7513 --since 2026-01-01 --until 2026-03-31 > log.csv
    """
    from beeldpas.audit.handing_on import Form, Wanted

    if form not in set(Form):
        raise typer.BadParameter("fhir, dicom or nen7513", param_hint="--format")
    wanted = Wanted(Form(form), since.date(), until.date(), patient)
    if not wanted.is_possible:
        raise typer.BadParameter("a period of 1 to 366 days", param_hint="--until")
    with _in_words():
        asyncio.run(_print_export(config, wanted))


async def _print_export(config: Path, wanted: "Wanted") -> None:
    from beeldpas.audit.events import Reader
    from beeldpas.audit.handing_on import hand_on

    async with _to_write(config) as (engine, source):
        reader = Reader.SECURITY if source in ("portal", "registry") else Reader.HOSPITAL
        async for line in hand_on(engine, source, reader, wanted, datetime.now(UTC)):
            typer.echo(line, nl=False)


def _written(config: Path) -> dict[str, Any]:
    return tomllib.loads(config.read_text(encoding="utf-8"))


@asynccontextmanager
async def _to_write(config: Path) -> "AsyncIterator[tuple[AsyncEngine, str]]":
    """The database of a program, to add to its log, and the program's name in it."""
    from beeldpas.database.engine import open_engine

    written = _written(config)
    engine = open_engine(log_settings(config).database_url)
    if "audit_repository" in written:
        from beeldpas.gateway.trail import spooling

        engine = spooling(engine)
    try:
        yield engine, written.get("gateway_id") or ("portal" if "digid" in written else "registry")
    finally:
        await engine.dispose()


async def _say_taken(config: Path, form: str, event_id: str | None = None) -> None:
    """Note in the log itself that something of it is taken away, before it is."""
    from beeldpas.audit.handing_on import note_taken

    async with _to_write(config) as (engine, source):
        await note_taken(engine, source, form, event_id, datetime.now(UTC))


@app.command("keys")
def print_keys(config: Config) -> None:
    """Print the public keys of a log and its hospitals. Example: beeldpas audit keys --config c.toml > log.keys"""
    with _in_words():
        known = _keys(config, None)
        for one in (*known.logs, *known.witnesses):
            typer.echo(str(one))


def log_settings(config: Path) -> "LogSettings":
    """Read what every program's settings have in common: whose log it is, and which database holds it."""
    from beeldpas.web.settings import LogSettings

    return LogSettings.load(config)


def _log_keys(config: Path) -> "LogKeys":
    from beeldpas.audit.checkpoint import LogKeys
    from beeldpas.formats.jose import load_keys

    settings = log_settings(config)
    return LogKeys.of(settings.base_url, load_keys(settings.key_file))


def _keys(config: Path | None, file: Path | None) -> "Keys":
    """The keys to believe: those of a file, and with settings the program's own and those of its hospitals."""
    from beeldpas.audit.believed import believed
    from beeldpas.audit.proof import Keys

    given = Keys.read(file.read_text(encoding="utf-8")) if file else Keys((), ())
    return given if config is None else believed(_log_keys(config), log_settings(config).hospitals_file, given)


def _examined(config: Path, known: "Keys") -> "Callable[[AsyncConnection], Coroutine[Any, Any, Report]]":
    from beeldpas.audit.examined import examine_database

    origin = _log_keys(config).origin
    return lambda connection: examine_database(connection, origin, known, datetime.now(UTC))


def _verify_file(file: Path, known: "Keys", witnesses: int) -> None:
    from beeldpas.audit import words
    from beeldpas.audit.dump import examine_dump
    from beeldpas.audit.proof import FIRST_LINE, check_proof, read_proof

    with file.open(encoding="utf-8") as lines:
        if lines.readline().strip() != FIRST_LINE:
            lines.seek(0)
            _conclude(examine_dump(lines, known, datetime.now(UTC)))
            return
    proven = check_proof(read_proof(file.read_text(encoding="utf-8")), known)
    typer.echo("\n".join(words.proven(proven)))
    if len(proven.witnesses) < witnesses:
        typer.echo(f"wrong: {len(proven.witnesses)} hospitals stand by it, {witnesses} are asked for", err=True)
        raise typer.Exit(_WRONG)


def _conclude(report: "Report") -> None:
    from beeldpas.audit import words

    typer.echo("\n".join(words.report(report, datetime.now(UTC))))
    for fault in report.faults:
        typer.echo(f"wrong: {words.fault(fault)}", err=True)
    if report.faults:
        raise typer.Exit(_WRONG)
    typer.echo("all of it holds")


def _look(config: Path, work: "Callable[[AsyncConnection], Coroutine[Any, Any, _T]]") -> _T:
    """Do something with the log of a program, which may run meanwhile."""
    from beeldpas.database.engine import looking

    async def done() -> _T:
        async with looking(log_settings(config).database_url) as connection:
            return await work(connection)

    return asyncio.run(done())


@contextmanager
def _in_words() -> Iterator[None]:
    """Say in words what went wrong: what does not hold ends with 1, what could not be looked at with 2."""
    from beeldpas.audit import words

    try:
        yield
    except (BeeldpasError, OSError, UnicodeDecodeError) as error:
        reason = error.reason if isinstance(error, BeeldpasError) else "the file cannot be read"
        log = error.detail.get("log", "") if isinstance(error, BeeldpasError) else ""
        typer.echo(f"error: {words.refusal(reason, log)}", err=True)
        is_wrong = isinstance(error, Malformed) and reason in words.DISPROVEN
        raise typer.Exit(_WRONG if is_wrong or isinstance(error, NotFound) else _NOT_CHECKED) from error
