"""The command `beeldpas registry`."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from beeldpas.database.engine import migrate
from beeldpas.registry.app import MIGRATIONS, build_app
from beeldpas.registry.index import Index
from beeldpas.registry.pseudonym import write_new_keys
from beeldpas.registry.settings import RegistrySettings
from beeldpas.web.logging import configure
from beeldpas.web.serve import harden
from beeldpas.web.serve import serve as run

app = typer.Typer(help="The national index of studies and reports.", no_args_is_help=True)


@app.command()
def serve(config: Annotated[Path, typer.Option(help="The settings file (TOML).", exists=True)]) -> None:
    """Bring the database up to date and serve. Example: beeldpas registry serve --config registry.toml"""
    settings = RegistrySettings.load(config)
    configure("registry")
    settings.state_dir.mkdir(parents=True, exist_ok=True)
    migrate(settings.database_url, MIGRATIONS)
    index = Index.build(settings, lambda: datetime.now(UTC))
    run(
        harden(build_app(index)),
        host=settings.host,
        port=settings.port,
        tls_cert=settings.tls_cert,
        tls_key=settings.tls_key,
    )


@app.command()
def keys(
    file: Annotated[Path, typer.Argument(help="Where the keys are written; must not exist.")],
    name: Annotated[str, typer.Option(help="The name of the key, at most 16 characters.")] = "1",
) -> None:
    """Make the key that turns a BSN into a pseudonym. Example: beeldpas registry keys pseudonym.json"""
    try:
        write_new_keys(file, name)
    except FileExistsError as error:
        typer.echo(f"{file} is there already; keys are never replaced, since the index would find nobody", err=True)
        raise typer.Exit(1) from error
    typer.echo(f"{file}: one secret key, readable by you alone; without it the index finds nobody")
