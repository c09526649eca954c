"""The command `beeldpas pseudonyms`."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from beeldpas.domain.errors import Malformed
from beeldpas.pseudonyms.app import build_app
from beeldpas.pseudonyms.confinement import keep_memory_private
from beeldpas.pseudonyms.keys import KeyBook
from beeldpas.pseudonyms.office import Office
from beeldpas.pseudonyms.retiring import why_not
from beeldpas.pseudonyms.settings import PseudonymsSettings
from beeldpas.web.logging import configure
from beeldpas.web.serve import harden, serve_socket
from beeldpas.web.serve import serve as serve_port

app = typer.Typer(help="The process that alone holds the keys of people's names.", no_args_is_help=True)
Config = Annotated[Path, typer.Option("--config", help="The settings file (TOML).", exists=True)]
Caller = Annotated[
    str, typer.Option("--caller", help="The program whose names it is about, as the settings name it.")
]


@app.command()
def serve(config: Config) -> None:
    """Answer the programs that may ask. Example: beeldpas pseudonyms serve --config pseudonyms.toml"""
    settings = PseudonymsSettings.load(config)
    configure("pseudonyms")
    keep_memory_private()
    office = Office.open(settings, lambda: datetime.now(UTC))
    web = harden(build_app(office))
    if settings.socket is not None:
        serve_socket(web, settings.socket)
        return
    serve_port(web, host=settings.host, port=settings.port or 0, tls_cert=settings.tls_cert, tls_key=settings.tls_key)


@app.command()
def keys(config: Config) -> None:
    """Make the first key of every caller that has none. Example: beeldpas pseudonyms keys --config pseudonyms.toml"""
    settings = PseudonymsSettings.load(config)
    settings.state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    for caller in settings.callers:
        file = settings.book_file(caller.name)
        if not file.exists():
            KeyBook.begin(datetime.now(UTC)).write(file)
        typer.echo(f"{caller.name}: {' '.join(KeyBook.load(file).names)}  (newest first, in {file})")
    if not settings.fingerprint_file.exists():
        KeyBook.begin(datetime.now(UTC)).write(settings.fingerprint_file)
    typer.echo(
        f"fingerprints: {' '.join(KeyBook.load(settings.fingerprint_file).names)}  ({settings.fingerprint_file})"
    )
    typer.echo("Keep a copy apart from every database: without these keys nobody finds anything of theirs.")


@app.command()
def rotate(config: Config, caller: Caller) -> None:
    """Add a key; the older ones go on to be looked under. Example: beeldpas pseudonyms rotate --caller portal"""
    file = _file(config, caller)
    book = KeyBook.load(file).with_new_key(datetime.now(UTC))
    book.write(file)
    typer.echo(f"{caller}: {' '.join(book.names)}  (newest first)")
    typer.echo("Send the process SIGHUP, or start it anew, and keep a copy of the file.")


@app.command()
def retire(
    config: Config,
    caller: Caller,
    name: Annotated[str, typer.Argument(help="The name of the key: p1.")],
) -> None:
    """Take a key away that no row stands under. Example: beeldpas pseudonyms retire --caller portal p1"""
    settings = PseudonymsSettings.load(config)
    file = _file(config, caller)
    book, now = KeyBook.load(file), datetime.now(UTC)
    try:
        left = book.without(name)
    except Malformed as error:
        typer.echo(f"{name} is not an older key of {caller}: {' '.join(book.names)}", err=True)
        raise typer.Exit(1) from error
    if reason := why_not(book, name, settings.standing_file(caller), now):
        typer.echo(f"{name} stays: {reason}", err=True)
        raise typer.Exit(1)
    left.write(file)
    typer.echo(f"{caller}: {' '.join(left.names)}  (newest first). Send the process SIGHUP, or start it anew.")


def _file(config: Path, caller: str) -> Path:
    settings = PseudonymsSettings.load(config)
    if caller not in {one.name for one in settings.callers}:
        typer.echo(f"the settings name no caller {caller}", err=True)
        raise typer.Exit(1)
    return settings.book_file(caller)
