"""The command `beeldpas demo`: start everything for people, or check everything without people."""

import signal
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from beeldpas.demo.floor import Registries, late_places
from beeldpas.demo.processes import ProcessFailed
from beeldpas.demo.sabotage import NAMES

app = typer.Typer(invoke_without_command=True)
_STATE = Path(".state/demo")
_INTERRUPTED = 130


@app.callback()
def demo(
    check: Annotated[
        bool, typer.Option("--check", help="Walk the whole journey over TLS, measure it, and end.")
    ] = False,
    registries: Annotated[
        Registries,
        typer.Option(
            help="all: a fourth hospital, and a registry of each kind before one hospital; one of them slow."
        ),
    ] = "one",
    late: Annotated[
        str, typer.Option(metavar="PLACE", help="Make a hospital late (noord, west or zuid), or a registry.")
    ] = "",
    tls: Annotated[bool, typer.Option("--tls", help="Speak HTTPS, with certificates of a demo authority.")] = False,
    sabotage: Annotated[str, typer.Option(metavar="NAME", help="With --check: a fault that must turn it red.")] = "",
    state: Annotated[Path, typer.Option(help="Where everything is kept.")] = _STATE,
    first_port: Annotated[int, typer.Option(help="The demo takes this port and the ones after it.")] = 8440,
) -> None:
    """Run the whole service on this machine, with made-up people and real images."""
    console = Console(highlight=False)
    if sabotage and sabotage not in NAMES:
        raise typer.BadParameter(f"a fault is one of {', '.join(NAMES)}", param_hint="--sabotage")
    if sabotage and not check:
        raise typer.BadParameter("a fault is made for the check only: add --check", param_hint="--sabotage")
    if late and late not in (can_be := late_places(registries)):
        raise typer.BadParameter(f"one of these can be late: {', '.join(can_be)}", param_hint="--late")
    # Each of these ends the demo as Ctrl-C does: with every program stopped.
    for ending in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, signal.default_int_handler)
    try:
        if check:
            from beeldpas.demo.check.run import run_check

            sys.exit(run_check(console, state.absolute(), sabotage, registries))
        from beeldpas.demo.host import host

        host(console, state.absolute(), tls=tls, late=late, first_port=first_port, registries=registries)
    except ProcessFailed as error:
        console.print(Text(str(error), style="red"), soft_wrap=True)
        sys.exit(1)
    except KeyboardInterrupt:
        console.print("Stopped.")
        sys.exit(_INTERRUPTED if check else 0)
