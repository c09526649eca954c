"""The command `beeldpas gateway release`: keeping a study or its reports back, and letting them go again."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from sqlalchemy.ext.asyncio import AsyncConnection

from beeldpas.database.engine import transaction
from beeldpas.domain.errors import BeeldpasError
from beeldpas.gateway import releasing
from beeldpas.gateway.app import open_database
from beeldpas.gateway.release import Rule
from beeldpas.gateway.releasing import Kept
from beeldpas.gateway.settings import GatewaySettings
from beeldpas.gateway.status import utc_now

app = typer.Typer(help="Keep a study or its reports back, from some or from all.", no_args_is_help=True)
Config = Annotated[Path, typer.Option("--config", help="The settings file (TOML).", exists=True)]
Study = Annotated[str, typer.Argument(metavar="STUDY", help="Its Study Instance UID; it need not be here yet.")]
T = TypeVar("T")
_WORDS = {
    "uid": "this is no Study Instance UID",
    "embargo_day": "an embargo needs the day on which it ends",
    "no_rule": "there is no rule about this study",
    "database": "the database does not answer",
}
_TELL = "Run `beeldpas gateway publish` to tell the registry."


@app.command()
def embargo(
    study: Study,
    config: Config,
    until: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The first day on which reports are seen.")],
    announce: Annotated[
        bool, typer.Option("--announce", help="Tell the patient this day; without it nothing is told.")
    ] = False,
) -> None:
    """Keep the reports of a study back until a day.

    Example: beeldpas gateway release embargo 1.2.840.1 --until 2026-12-24 --announce --config noord.toml
    """
    rule = Rule.ANNOUNCED if announce else Rule.EMBARGO
    _keep_back(config, Kept(study, rule, until.date()))


@app.command()
def withhold(
    study: Study,
    config: Config,
    whom: Annotated[
        Rule, typer.Option("--from", help="representatives: only patients themselves see it; everybody.")
    ],
) -> None:
    """Withhold a study.

    Example: beeldpas gateway release withhold 1.2.840.1 --from representatives --config noord.toml
    """
    if whom not in (Rule.REPRESENTATIVES, Rule.EVERYBODY):
        raise typer.BadParameter("from representatives, or from everybody")
    _keep_back(config, Kept(study, whom))


@app.command()
def lift(study: Study, config: Config) -> None:
    """Take every rule of a study away. Example: beeldpas gateway release lift 1.2.840.1 --config noord.toml"""
    settings = GatewaySettings.load(config)
    _do(settings, lambda connection: releasing.lift(connection, study, settings.gateway_id, utc_now()))
    typer.echo(f"nothing of {study} is kept back any more. {_TELL}")


@app.command("list")
def list_rules(config: Config) -> None:
    """List every rule in force. Example: beeldpas gateway release list --config noord.toml"""
    for one in _do(GatewaySettings.load(config), releasing.listing):
        typer.echo(f"{one.rule:16} {_day(one.until):12} {one.study_uid}")


def _keep_back(config: Path, kept: Kept) -> None:
    settings = GatewaySettings.load(config)
    _do(settings, lambda connection: releasing.keep_back(connection, kept, settings.gateway_id, utc_now()))
    typer.echo(f"{kept.rule} {_day(kept.until)} {kept.study_uid} holds from now on. {_TELL}")


def _day(until: date | None) -> str:
    return f"until {until}" if until else ""


def _do(settings: GatewaySettings, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
    """Do the work in one transaction; what went wrong is said in words, with exit code 2."""

    async def done() -> T:
        engine = open_database(settings)
        try:
            async with transaction(engine) as connection:
                return await work(connection)
        finally:
            await engine.dispose()

    try:
        return asyncio.run(done())
    except BeeldpasError as error:
        typer.echo(f"error: {_WORDS.get(error.reason, error.reason.replace('_', ' '))}", err=True)
        raise typer.Exit(2) from error
