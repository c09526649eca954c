"""The command `beeldpas audit`: what somebody does with an access log, of whichever program it is.

Only what a word needs is imported, when it is asked for: a proof is checked where no database or server is installed.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from beeldpas.web.settings import ProgramSettings

app = typer.Typer(help="The access log: check it, prove an event, hand it on.", no_args_is_help=True)
Config = Annotated[Path, typer.Option("--config", help="The settings file (TOML) of a program.", exists=True)]


@app.callback()
def audit() -> None:
    """The access log: check it, prove an event, hand it on."""


def log_settings(config: Path) -> "ProgramSettings":
    """Read what every program's settings have in common: whose log it is, and which database holds it."""
    from beeldpas.web.settings import LogSettings

    return LogSettings.load(config)
