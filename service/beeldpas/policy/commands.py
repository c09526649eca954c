"""`beeldpas policies`: for whoever changes a policy, here or at a hospital."""

from pathlib import Path
from typing import Annotated

import cedarpy
import typer

from beeldpas.domain.errors import Malformed
from beeldpas.policy.checking import faults
from beeldpas.policy.document import document

app = typer.Typer(help="The rules of who may do what.", no_args_is_help=True)
Folder = Annotated[
    Path, typer.Argument(help="A folder with *.cedar, a schema and cases.", exists=True, file_okay=False)
]


@app.command("check")
def check(folder: Folder) -> None:
    """Say whether the policies are in order: written well, right about every case, each of them needed."""
    try:
        found = list(faults(folder))
    except (OSError, Malformed) as error:
        found = [str(error)]
    for fault in found:
        typer.echo(fault, err=True)
    if found:
        raise typer.Exit(1)
    typer.echo("The policies are in order.")


@app.command("format")
def order(folder: Folder) -> None:
    """Write every policy as Cedar formats it."""
    for file in sorted(folder.glob("*.cedar")):
        text = file.read_text(encoding="utf-8")
        file.write_text(cedarpy.format_policies(text), encoding="utf-8")


@app.command("document")
def page(folder: Folder) -> None:
    """Print the page that says in sentences what is allowed."""
    typer.echo(document(folder), nl=False)
