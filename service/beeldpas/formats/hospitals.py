"""The hospital directory: which hospitals take part, under which address and with which keys.

A TOML file that every program which trusts hospitals reads. *Source:* docs/wire.md §7.
"""

import re
import tomllib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from beeldpas.domain.errors import Malformed
from beeldpas.domain.uid import is_uid

_GATEWAY_ID = re.compile(r"[a-z0-9-]{1,64}")


@dataclass(frozen=True, slots=True)
class Hospital:
    """One hospital. `gateway_id` is its short name, `base_url` its gateway's identifier (no final slash).

    `locations`: the DICOM Retrieve Location UIDs of its archives, by which manifests without an address name it.
    """

    gateway_id: str
    name: str
    ura: str
    base_url: str
    jwks_file: Path
    phone: str
    locations: tuple[str, ...] = ()


def read_hospitals(path: Path) -> tuple[Hospital, ...]:
    """Read the directory; relative key files stand beside it.

    Raises: Malformed("directory") when an entry lacks a field, or two share an id, address, URA or location.
    """
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8")).get("hospital", [])
        hospitals = tuple(_hospital(entry, path.parent) for entry in entries)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise Malformed("directory") from error
    for identity in ("gateway_id", "base_url", "ura"):
        if len({getattr(hospital, identity) for hospital in hospitals}) != len(hospitals):
            raise Malformed("directory", {"where": identity})
    locations = [uid for hospital in hospitals for uid in hospital.locations]
    if len(set(locations)) != len(locations):
        raise Malformed("directory", {"where": "locations"})
    return hospitals


def valid_until(path: Path) -> datetime | None:
    """Return when a directory ends that was installed from a signed list; None for one without an end.

    Raises: Malformed("directory").
    """
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8")).get("valid_until")
    except ValueError as error:
        raise Malformed("directory") from error
    if told is not None and (not isinstance(told, datetime) or told.tzinfo is None):
        raise Malformed("directory", {"where": "valid_until"})
    return told


def is_below(address: str, base_url: str) -> bool:
    """Say whether an address leads to the very server of `base_url`, below its path.

    Compared by parts, not by text: `https://noord.example@evil.example/` starts with the text of `https://noord.example`.
    """
    try:
        given, base = urlsplit(address), urlsplit(base_url)
        same_server = (given.scheme, given.hostname, given.port) == (base.scheme, base.hostname, base.port)
    except ValueError:
        return False
    plain = given.username is None and given.password is None and ".." not in given.path and "\\" not in address
    path = base.path.rstrip("/") + "/"
    return same_server and plain and (given.path + "/").startswith(path)


def _hospital(entry: dict[str, Any], beside: Path) -> Hospital:
    texts = {name: entry[name] for name in ("gateway_id", "name", "ura", "base_url", "jwks_file", "phone")}
    if not all(isinstance(text, str) for text in texts.values()):
        raise TypeError("every field of a hospital is text")
    if not _GATEWAY_ID.fullmatch(texts["gateway_id"]):
        raise ValueError("gateway_id is lower case letters, digits and dashes")
    if urlsplit(texts["base_url"]).scheme not in ("http", "https"):
        raise ValueError("base_url is an http address")
    return Hospital(
        gateway_id=texts["gateway_id"],
        name=texts["name"],
        ura=texts["ura"],
        base_url=texts["base_url"].rstrip("/"),
        jwks_file=beside / texts["jwks_file"],
        phone=texts["phone"],
        locations=_locations(entry),
    )


def _locations(entry: dict[str, Any]) -> tuple[str, ...]:
    uids = tuple(entry.get("locations", ()))
    if not all(isinstance(uid, str) and is_uid(uid) for uid in uids):
        raise ValueError("a location is a UID")
    return uids
