"""The command `beeldpas portal`."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from beeldpas.audit.event import PORTAL
from beeldpas.audit.starting import note_start
from beeldpas.portal.app import build_app, build_house
from beeldpas.portal.identity.providers import check_providers
from beeldpas.portal.secrets import write_new_secrets
from beeldpas.portal.settings import PortalSettings
from beeldpas.portal.standing import report_names
from beeldpas.portal.starting import started_with
from beeldpas.web.logging import configure
from beeldpas.web.serve import harden
from beeldpas.web.serve import serve as run

app = typer.Typer(help="The sharing service: patients, care providers and helpdesk.", no_args_is_help=True)


@app.command()
def serve(config: Annotated[Path, typer.Option(help="The settings file (TOML).", exists=True)]) -> None:
    """Bring the database up to date and serve. Example: beeldpas portal serve --config portal.toml"""
    settings = PortalSettings.load(config)
    configure("portal")
    if reasons := asyncio.run(check_providers(settings, lambda: datetime.now(UTC))):
        for reason in reasons:
            typer.echo(f"The portal does not start: {reason}", err=True)
        raise typer.Exit(1)
    house = build_house(settings, lambda: datetime.now(UTC))
    asyncio.run(note_start(settings.database_url, PORTAL, datetime.now(UTC), started_with(settings)))
    run(
        harden(build_app(house)),
        host=settings.host,
        port=settings.port,
        tls_cert=settings.tls_cert,
        tls_key=settings.tls_key,
    )


@app.command()
def secrets(
    file: Annotated[Path, typer.Argument(help="Where the keys are written; must not exist.")],
) -> None:
    """Make the portal's own keys. Example: beeldpas portal secrets secrets.json"""
    write_new_secrets(file)
    typer.echo(f"{file}: secret keys, readable by you alone; without them every share is lost")


@app.command()
def names(config: Annotated[Path, typer.Option(help="The settings file (TOML).", exists=True)]) -> None:
    """Count what stands under the names by each key, and report it to the process that has the keys.

    Example: beeldpas portal names --config portal.toml
    """
    settings = PortalSettings.load(config)
    for line in asyncio.run(report_names(build_house(settings, lambda: datetime.now(UTC)))):
        typer.echo(line)
