"""The command `beeldpas verify`: a download is checked where it lies, without a network."""

import json
import os
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from beeldpas.domain.errors import Malformed
from beeldpas.receiver.packed import ZipDownload
from beeldpas.receiver.port import Download
from beeldpas.receiver.trust import Trust
from beeldpas.receiver.unpacked import FolderDownload
from beeldpas.receiver.verify import Verdict, verify
from beeldpas.receiver.words import FAILURES, as_json, sentences

app = typer.Typer(no_args_is_help=True)
_PROVEN, _FAULTY, _UNPROVEN = 0, 1, 2
_EXIT = {Verdict.PROVEN: _PROVEN, Verdict.FAULTY: _FAULTY, Verdict.CONSISTENT: _UNPROVEN}


@app.command("verify")
def check(
    download: Annotated[Path, typer.Argument(help="The ZIP file, or the folder that it was unpacked into.")],
    keys: Annotated[
        Path | None,
        typer.Option(help="The hospital's public keys (a JWK set), or a directory of hospitals (TOML)."),
    ] = None,
    as_data: Annotated[bool, typer.Option("--json", help="For a program: one JSON object.")] = False,
    language: Annotated[str, typer.Option(help="nl or en; by itself: what this computer speaks.")] = "",
) -> None:
    """Check a download offline: is it all there, unaltered, and from that hospital?

    Ends with 0 when all of it is proven, 1 when something is wrong, 2 when it could not be checked or proven.
    Example: beeldpas verify beelden.zip --keys hospital.jwks.json
    """
    spoken = language if language in FAILURES else _language_here()
    try:
        with ExitStack() as opened:
            trust = Trust.read(keys) if keys else Trust()
            result = verify(_open(download, opened), trust)
    except Malformed as error:
        said = FAILURES[spoken][error.reason]
        typer.echo(
            json.dumps({"verdict": "unreadable", "reason": error.reason}) if as_data else f"{said}.", err=not as_data
        )
        raise typer.Exit(_UNPROVEN) from error
    typer.echo(json.dumps(as_json(result)) if as_data else "\n".join(sentences(result, spoken)))
    raise typer.Exit(_EXIT[result.verdict])


def _open(path: Path, opened: ExitStack) -> Download:
    if path.is_dir():
        return FolderDownload(path)
    try:
        return ZipDownload(opened.enter_context(path.open("rb")))
    except OSError as error:
        raise Malformed("not_found") from error


def _language_here() -> str:
    spoken = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return "nl" if spoken.lower().startswith("nl") else "en"
