"""Putting a signed list in place of the directory that programs read: whole or not at all, never an older one.

What is refused changes nothing: the list that is installed counts until its own end.
"""

import json
import os
import tomllib
from datetime import UTC, datetime
from pathlib import Path

from joserfc.jwk import KeySet

from beeldpas.domain.errors import Malformed, Refused
from beeldpas.formats.hospitals import Hospital, read_hospitals
from beeldpas.formats.signed_directory import Listed, SignedDirectory, read_directory


def install(token: str, into: Path, *, issuer: str, keys: KeySet, now: datetime) -> SignedDirectory:
    """Verify a signed list and put it where programs read it; the keys stand in a folder beside it.

    Raises: Refused("directory_refused" | "directory_older"); Malformed("directory"); OSError.
    """
    found = read_directory(token, issuer=issuer, keys=keys, now=now)
    if (before := _signed_at(into)) is not None and found.issued_at < before:
        raise Refused("directory_older")
    folder = into.with_name(f"{into.stem}.keys-{int(found.issued_at.timestamp())}")
    folder.mkdir(parents=True, exist_ok=True)
    for one in found.hospitals:
        (folder / _key_file(one)).write_text(json.dumps(one.keys), encoding="ascii")
    draft = into.with_name(f"{into.name}.new")
    draft.write_text(_as_toml(found, folder.name), encoding="utf-8")
    read_hospitals(draft)  # what programs would refuse is not put in place
    draft.replace(into)
    return found


def written(hospitals: tuple[Hospital, ...], beside: Path) -> str:
    """Return hospitals as the directory's file has them; their key files are named as seen from there."""
    rows = []
    for one in hospitals:
        fields = {name: getattr(one, name) for name in ("gateway_id", "name", "ura", "base_url", "phone")}
        keys = os.path.relpath(one.jwks_file, beside)
        rows.append(_entry(fields | {"jwks_file": keys}, one.locations))
    return "\n".join(rows)


def _as_toml(found: SignedDirectory, folder: str) -> str:
    moments = f"signed_at = {_moment(found.issued_at)}\nvalid_until = {_moment(found.ends_at)}\n\n"
    entries = (
        _entry({**one.fields, "jwks_file": f"{folder}/{_key_file(one)}"}, one.locations) for one in found.hospitals
    )
    return moments + "\n".join(entries)


def _entry(fields: dict[str, str], locations: tuple[str, ...]) -> str:
    lines = [f"{name} = {json.dumps(text)}" for name, text in fields.items()]
    lines += [f"locations = {json.dumps(locations)}"] if locations else []
    return "\n".join(["[[hospital]]", *lines, ""])


def _key_file(one: Listed) -> str:
    """Each has a name of its own; what a short name may hold is checked again when the draft is read."""
    if not one.fields["gateway_id"].replace("-", "").isalnum():
        raise Malformed("directory", {"where": "gateway_id"})
    return f"{one.fields['gateway_id']}.public.json"


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _signed_at(file: Path) -> datetime | None:
    if not file.exists():
        return None
    told = tomllib.loads(file.read_text(encoding="utf-8")).get("signed_at")
    return told if isinstance(told, datetime) else None
