"""The command `beeldpas`: each program brings its own sub-commands, and is imported only when it is asked for.

A hospital that installed the gateway alone has no portal code to import; its commands are then simply not there.
"""

import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    name="beeldpas",
    help="Patients share their medical images straight from the hospitals that keep them.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
keys = typer.Typer(help="Keys of a program.", no_args_is_help=True)
app.add_typer(keys, name="keys")

# word, and a library that only its extra brings
_PROGRAMS = {
    "portal": "weasyprint",
    "registry": "starlette",
    "pseudonyms": "limits",
    "gateway": "pydicom",
    "demo": "trustme",
    "policies": "cedarpy",
}
_ROOMS = {"policies": "policy"}  # where the room has another name than the word

# Commands with no program before them; they need no more than what everybody has.
_RECEIVERS_WORD, _AUDITORS_WORD, _LIST_WORD = "verify", "audit", "directory"


@keys.command("new")
def new_keys(
    file: Annotated[Path, typer.Argument(help="Where the private JWK set is written; must not exist.")],
    kid: Annotated[str, typer.Option(help="The name of the key.")] = "1",
    rsa: Annotated[bool, typer.Option("--rsa", help="RSA for PS256, for clients of OpenID providers.")] = False,
) -> None:
    """Make a key pair for a program. Example: beeldpas keys new gateway.jwks.json"""
    from beeldpas.keys import write_new_keys

    write_new_keys(file, kid, rsa=rsa)
    typer.echo(f"{file}: one private key, readable by you alone")


def main() -> None:
    """Run the command line; of the rooms only the one that is asked for is imported."""
    asked = sys.argv[1] if len(sys.argv) > 1 else ""
    for word, needs in _PROGRAMS.items():
        if asked == word or asked not in {*_PROGRAMS, _RECEIVERS_WORD, _AUDITORS_WORD, _LIST_WORD}:
            _mount(word, needs)
    if asked not in _PROGRAMS:
        app.add_typer(import_module("beeldpas.receiver.commands").app)
        app.add_typer(import_module("beeldpas.audit_commands").app, name=_AUDITORS_WORD)
        app.add_typer(import_module("beeldpas.directory.commands").app, name=_LIST_WORD)
    app()


def _mount(word: str, needs: str) -> None:
    if find_spec(needs) is not None:
        if word == "gateway":
            import_module("beeldpas.gateway.decoding.absence").keep_out()
        app.add_typer(import_module(f"beeldpas.{_ROOMS.get(word, word)}.commands").app, name=word)
