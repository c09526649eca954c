"""The command `beeldpas directory`: compare the list of hospitals, sign it, and install one that was signed."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from beeldpas.directory.collecting import Standing, care_services, compare
from beeldpas.directory.installing import install as put_in_place
from beeldpas.directory.installing import written
from beeldpas.domain.errors import BeeldpasError
from beeldpas.formats.hospitals import read_hospitals
from beeldpas.formats.jose import load_keys
from beeldpas.formats.signed_directory import listed, sign_directory
from beeldpas.web.outbound import open_client

app = typer.Typer(help="The hospital directory: compare, sign, install.", no_args_is_help=True)
Hospitals = Annotated[Path, typer.Argument(help="The directory's file (TOML).", exists=True)]
Issuer = Annotated[str, typer.Option(help="Who signs, by the name that both sides agreed.")]
_DEADLINE_SECONDS = 30.0
_LARGEST_PAGE = 16_000_000
_DIFFERS, _NOT_DONE = 1, 2
_STANDINGS = {
    Standing.SAME: "as we have it",
    Standing.GONE: "left out: not listed as active",
    Standing.NO_ADDRESS: "left out: no address for images is in force today",
    Standing.OTHER_ADDRESS: "left out: listed at another address",
}
_WORDS = {
    "directory_refused": "the list is altered, signed by somebody else, or not of today; what is installed stays",
    "directory_older": "the list is older than the one that is installed, which stays",
    "directory": "this is no list of hospitals",
    "incomplete": "the care services directory did not give its whole list",
    "mcsd": "the care services directory does not answer",
    "no_searchset": "what the care services directory answered cannot be read",
}


@app.command()
def collect(
    hospitals: Hospitals,
    mcsd: Annotated[str, typer.Option(help="The base address of a care services directory (FHIR, IHE mCSD).")],
    out: Annotated[Path, typer.Option(help="Where the hospitals go that both directories agree on.")],
    ca_file: Annotated[Path | None, typer.Option(help="Certificates to trust beside the usual ones.")] = None,
) -> None:
    """Keep of our list who is active at the same address in a care services directory.

    Ends with 1 when somebody was left out. Example:
    beeldpas directory collect hospitals.toml --mcsd https://directory.example/fhir --out agreed.toml
    """
    base = mcsd.rstrip("/")

    async def asked() -> None:
        async with open_client(
            hosts=[base], ca_file=ca_file, deadline=_DEADLINE_SECONDS, max_bytes=_LARGEST_PAGE
        ) as client:
            theirs = await care_services(base, client, datetime.now(UTC).date())
        found = compare(read_hospitals(hospitals), theirs)
        out.write_text(written(found.agreed, out.parent), encoding="utf-8")
        for hospital, standing in found.standings:
            typer.echo(f"{hospital.ura}  {hospital.name}: {_STANDINGS[standing]}")
        for stranger in found.strangers:
            typer.echo(f"{stranger.ura}  {stranger.name}: listed there, and we have no keys of it")
        if len(found.agreed) < len(found.standings):
            raise typer.Exit(_DIFFERS)

    with _in_words():
        asyncio.run(asked())


@app.command()
def sign(
    hospitals: Hospitals,
    keys: Annotated[Path, typer.Option(help="Private keys; the first, the newest, signs.", exists=True)],
    issuer: Issuer,
    out: Annotated[Path, typer.Option(help="Where the signed list goes.")],
    days: Annotated[int, typer.Option(min=1, max=400, help="For how many days it counts.")] = 30,
) -> None:
    """Sign a list, with every hospital's keys in it.

    Example: beeldpas directory sign agreed.toml --keys list.jwks.json --issuer https://portal.example --out list.jws
    """
    now = datetime.now(UTC)
    with _in_words():
        entries = [listed(hospital) for hospital in read_hospitals(hospitals)]
        ends_at = now + timedelta(days=days)
        token = sign_directory(entries, issuer=issuer, now=now, ends_at=ends_at, key=load_keys(keys))
    out.write_text(token + "\n", encoding="ascii")
    typer.echo(f"{len(entries)} hospitals signed, until {ends_at:%Y-%m-%d %H:%M} UTC")


@app.command()
def install(
    file: Annotated[Path, typer.Argument(help="The signed list.", exists=True)],
    keys: Annotated[
        Path, typer.Option(help="Public keys of who signs, from another way than the list.", exists=True)
    ],
    issuer: Issuer,
    into: Annotated[Path, typer.Option(help="The `hospitals_file` of the programs' settings.")],
) -> None:
    """Check a signed list and put it where programs read it; start them anew after that.

    Ends with 2 when it is refused, and then the list that is installed stays. Example:
    beeldpas directory install list.jws --keys list.public.json --issuer https://portal.example --into hospitals.toml
    """
    with _in_words():
        token = file.read_text(encoding="ascii", errors="replace")
        found = put_in_place(token, into, issuer=issuer, keys=load_keys(keys), now=datetime.now(UTC))
    typer.echo(f"{len(found.hospitals)} hospitals installed, until {found.ends_at:%Y-%m-%d %H:%M} UTC")


@contextmanager
def _in_words() -> Iterator[None]:
    try:
        yield
    except (BeeldpasError, OSError, ValueError) as error:
        reason = getattr(error, "reason", "directory")
        typer.echo(
            f"error: {_WORDS.get(reason, _WORDS.get(str(getattr(error, 'source', '')), str(error)))}", err=True
        )
        raise typer.Exit(_NOT_DONE) from error
