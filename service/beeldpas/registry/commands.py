"""The command `beeldpas registry`."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from beeldpas.audit.starting import note_start
from beeldpas.database.engine import migrate
from beeldpas.registry.app import MIGRATIONS, build_app
from beeldpas.registry.index import Index
from beeldpas.registry.questions import SOURCE
from beeldpas.registry.settings import RegistrySettings
from beeldpas.registry.standing import report_names
from beeldpas.registry.starting import started_with
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
    asyncio.run(note_start(settings.database_url, SOURCE, datetime.now(UTC), started_with(settings)))
    run(
        harden(build_app(index), "fhir"),
        host=settings.host,
        port=settings.port,
        tls_cert=settings.tls_cert,
        tls_key=settings.tls_key,
    )


@app.command()
def names(config: Annotated[Path, typer.Option(help="The settings file (TOML).", exists=True)]) -> None:
    """Count what stands under the names by each key, and report it to the process that has the keys.

    Example: beeldpas registry names --config registry.toml
    """
    settings = RegistrySettings.load(config)
    for line in asyncio.run(report_names(Index.build(settings, lambda: datetime.now(UTC)))):
        typer.echo(line)
