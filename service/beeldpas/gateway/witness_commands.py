"""The command `beeldpas gateway witness`: what was seen of others' logs, and going on after an alarm."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from beeldpas.database.engine import transaction
from beeldpas.domain.errors import Unavailable
from beeldpas.gateway import witnessed
from beeldpas.gateway.app import open_database
from beeldpas.gateway.settings import GatewaySettings
from beeldpas.gateway.status import utc_now
from beeldpas.gateway.witnessed import Last

_ALARM, _NOT_DONE = 1, 2


def witness(
    config: Annotated[Path, typer.Option("--config", help="The settings file (TOML).", exists=True)],
    accept: Annotated[str, typer.Option(metavar="LOG", help="Begin anew with a log that gave an alarm.")] = "",
    reason: Annotated[str, typer.Option(help="With --accept: what was found out, and agreed with whom.")] = "",
) -> None:
    """Tell how far others' logs were cosigned, and of alarms. Example: beeldpas gateway witness --config noord.toml

    Ends with 1 while there is an alarm. With --accept and --reason a log is cosigned again, from its next checkpoint.
    """
    if bool(accept) != bool(reason.strip()):
        raise typer.BadParameter("a log is accepted again for a reason: give both --accept and --reason")
    settings = GatewaySettings.load(config)
    try:
        accepted, logs = asyncio.run(_work(settings, accept, reason.strip()))
    except Unavailable as error:
        typer.echo("error: the database does not answer", err=True)
        raise typer.Exit(_NOT_DONE) from error
    if accept and not accepted:
        typer.echo(f"error: there is no alarm about {accept}", err=True)
        raise typer.Exit(_NOT_DONE)
    for one in logs:
        state = f"ALARM: {one.alarm}" if one.alarm else "no alarm"
        typer.echo(f"{one.origin}  {one.size} events cosigned, last at {one.at:%Y-%m-%d %H:%M:%S} UTC  {state}")
        if one.alarm:
            typer.echo(one.alarm_note)
    if any(one.alarm for one in logs):
        raise typer.Exit(_ALARM)


async def _work(settings: GatewaySettings, accept: str, why: str) -> tuple[bool, tuple[Last, ...]]:
    engine = open_database(settings)
    try:
        async with transaction(engine) as connection:
            accepted = bool(accept) and await witnessed.accept(
                connection, accept, why, settings.gateway_id, utc_now()
            )
            return accepted, await witnessed.all_logs(connection)
    finally:
        await engine.dispose()
