"""The list of hospitals on its way: compared with a care services directory, signed, handed out, installed, ended."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from tests.cast import NOORD, WEST, ZUID
from tests.running import running
from typer.testing import CliRunner, Result

from beeldpas.directory.commands import app
from beeldpas.domain.errors import Malformed, Refused, Unavailable
from beeldpas.formats import jose
from beeldpas.formats.hospitals import read_hospitals
from beeldpas.formats.signed_directory import DIRECTORY_TYPE, read_directory
from beeldpas.keys import public_file, write_new_keys
from beeldpas.portal.directory import Directory
from beeldpas.web.expiring import Expiring

PORTAL = "https://portal.example"
PLACES = (NOORD, WEST, ZUID)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The service's desk: its list of three hospitals, their public keys, and the key that it signs lists with."""
    entries = []
    for number, place in enumerate(PLACES):
        name = place.name.rpartition(" ")[2].lower()
        write_new_keys(tmp_path / "keys" / f"{name}.json", f"{name}-1")
        entries.append(
            f'[[hospital]]\ngateway_id = "{name}"\nname = "{place.name}"\nura = "{place.ura}"\n'
            f'base_url = "https://{name}.example"\nphone = "0800 010{number}"\n'
            f'jwks_file = "keys/{name}.public.json"\n' + ('locations = ["1.2.3"]\n' if name == "noord" else "")
        )
    (tmp_path / "hospitals.toml").write_text("\n".join(entries), encoding="utf-8")
    write_new_keys(tmp_path / "list.json", "list-1")
    (tmp_path / "portal").mkdir()
    return tmp_path


def run(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


def signed(folder: Path, *more: str, source: str = "hospitals.toml", key: str = "list.json") -> Path:
    out = folder / "list.jws"
    done = run("sign", folder / source, "--keys", folder / key, "--issuer", PORTAL, "--out", out, *more)
    assert done.exit_code == 0, done.output
    return out


def installed(folder: Path, file: Path, keys: str = "list.public.json", issuer: str = PORTAL) -> Result:
    into = folder / "portal" / "hospitals.toml"
    return run("install", file, "--keys", folder / keys, "--issuer", issuer, "--into", into)


def here(folder: Path) -> Path:
    return folder / "portal" / "hospitals.toml"


# Signed and installed


def test_what_was_signed_is_what_programs_read(folder: Path) -> None:
    done = installed(folder, signed(folder))
    assert (done.exit_code, "3 hospitals installed, until" in done.output) == (0, True), done.output
    ours, theirs = read_hospitals(folder / "hospitals.toml"), read_hospitals(here(folder))
    for one, other in zip(ours, theirs, strict=True):
        assert (one.gateway_id, one.name, one.ura, one.base_url, one.phone, one.locations) == (
            other.gateway_id, other.name, other.ura, other.base_url, other.phone, other.locations,
        )  # fmt: skip
        assert jose.load_keys(one.jwks_file).as_dict() == jose.load_keys(other.jwks_file).as_dict()


def test_a_private_key_never_leaves_with_a_list(folder: Path) -> None:
    """An administrator names the wrong one of the two files."""
    file = folder / "hospitals.toml"
    file.write_text(file.read_text().replace("noord.public.json", "noord.json"))
    list_ = signed(folder)
    claims = read_directory(
        list_.read_text(), issuer=PORTAL, keys=jose.load_keys(folder / "list.public.json"), now=datetime.now(UTC)
    )
    assert all("d" not in key for one in claims.hospitals for key in one.keys["keys"])


def altered(token: str) -> str:
    head, payload, signature = token.strip().split(".")
    body = json.loads(jose._decode(payload))
    body["hospitals"][0]["base_url"] = "https://evil.example"
    changed = json.dumps(body).encode()
    from base64 import urlsafe_b64encode

    return ".".join((head, urlsafe_b64encode(changed).decode().rstrip("="), signature))


def test_a_list_that_was_altered_changes_nothing(folder: Path) -> None:
    assert installed(folder, signed(folder)).exit_code == 0
    before = here(folder).read_bytes()
    bad = folder / "bad.jws"
    bad.write_text(altered((folder / "list.jws").read_text()))
    done = installed(folder, bad)
    assert (done.exit_code, "what is installed stays" in done.output) == (2, True)
    assert here(folder).read_bytes() == before


@pytest.mark.parametrize("wrong", ["issuer", "keys", "typ", "text", "ended"])
def test_a_list_by_somebody_else_or_of_another_time_is_none(folder: Path, wrong: str) -> None:
    file, keys, issuer = signed(folder), "list.public.json", PORTAL
    if wrong == "issuer":
        issuer = "https://other.example"
    if wrong == "keys":
        write_new_keys(folder / "other.json", "list-1")
        keys = "other.public.json"
    if wrong == "text":
        file.write_text("no list", encoding="ascii")
    if wrong in ("typ", "ended"):
        now = int(datetime.now(UTC).timestamp())
        claims = {"iss": PORTAL, "iat": now - 86400, "exp": now + (60 if wrong == "typ" else -1), "hospitals": []}
        typ = "uses+jwt" if wrong == "typ" else DIRECTORY_TYPE
        file.write_text(jose.sign(claims, typ=typ, key=jose.load_keys(folder / "list.json")))
    done = installed(folder, file, keys, issuer)
    assert (done.exit_code, here(folder).exists()) == (2, False)
    assert "Traceback" not in done.output


def test_an_older_list_does_not_come_back(folder: Path) -> None:
    """Somebody who kept last month's list cannot bring a hospital back that left."""
    now, keys = datetime.now(UTC), jose.load_keys(folder / "list.json")
    old = folder / "old.jws"
    claims = {"iss": PORTAL, "iat": int(now.timestamp()) - 3600, "exp": int(now.timestamp()) + 3600, "hospitals": []}
    old.write_text(jose.sign(claims, typ=DIRECTORY_TYPE, key=keys))
    assert installed(folder, signed(folder)).exit_code == 0
    done = installed(folder, old)
    assert (done.exit_code, "older than the one that is installed" in done.output) == (2, True)
    assert len(read_hospitals(here(folder))) == 3


@pytest.mark.parametrize(
    "entry",
    [{"gateway_id": "../../etc"}, {"base_url": "ftp://noord.example"}, {"keys": {"keys": "none"}}, {"name": 7}],
)
def test_a_signed_list_that_programs_would_refuse_is_not_put_in_place(folder: Path, entry: dict[str, Any]) -> None:
    assert installed(folder, signed(folder)).exit_code == 0
    before, now = here(folder).read_bytes(), int(datetime.now(UTC).timestamp())
    fields = {"gateway_id": "noord", "name": "N", "ura": "1", "base_url": "https://noord.example", "phone": "0800"}
    public = json.loads((folder / "keys" / "noord.public.json").read_text())
    claims = {"iss": PORTAL, "iat": now, "exp": now + 60, "hospitals": [fields | {"keys": public} | entry]}
    bad = folder / "bad.jws"
    bad.write_text(jose.sign(claims, typ=DIRECTORY_TYPE, key=jose.load_keys(folder / "list.json")))
    assert installed(folder, bad).exit_code == 2
    assert here(folder).read_bytes() == before
    assert not (folder.parent / "etc.public.json").exists()


def test_the_key_of_the_list_is_followed_by_another_without_a_gap(folder: Path) -> None:
    """The new public key goes out beside the old one, then the new one signs, then the old one goes."""
    write_new_keys(folder / "next.json", "list-2")
    both = [json.loads((folder / f"{name}.public.json").read_text())["keys"][0] for name in ("next", "list")]
    (folder / "both.json").write_text(json.dumps({"keys": both}))
    assert installed(folder, signed(folder), "both.json").exit_code == 0
    assert installed(folder, signed(folder, key="next.json"), "both.json").exit_code == 0
    assert installed(folder, folder / "list.jws", "next.public.json").exit_code == 0
    assert installed(folder, signed(folder), "next.public.json").exit_code == 2


# Its end


def test_past_its_end_nobody_stands_in_it_and_names_are_still_known(folder: Path) -> None:
    assert installed(folder, signed(folder, "--days", "1")).exit_code == 0
    moment = datetime.now(UTC)
    known = Directory.load(here(folder), lambda: moment)
    assert known.at("https://noord.example/dicom-web") == known.with_ura(NOORD.ura) == known.with_location("1.2.3")
    moment += timedelta(days=1, seconds=1)
    assert known.hospitals == () and known.at("https://noord.example/dicom-web") is None
    assert known.with_ura(NOORD.ura) is None and known.with_location("1.2.3") is None
    assert known.by_id("noord").name == NOORD.name
    with pytest.raises(Malformed, match="directory_ended"):
        Directory.load(here(folder), lambda: moment)


def test_what_expires_is_empty_afterwards() -> None:
    now = datetime(2026, 11, 24, tzinfo=UTC)
    kept = Expiring({"a": 1}, now + timedelta(days=1), lambda: now)
    assert (dict(kept), len(kept)) == ({"a": 1}, 1)
    now += timedelta(days=1)
    assert (dict(kept), len(kept), kept.get("a")) == ({}, 0, None)
    assert dict(Expiring({"a": 1}, None, lambda: now)) == {"a": 1}


# A care services directory


def organisation(ura: str, name: str, address: str = "", **changed: Any) -> list[dict[str, Any]]:
    """An Organization with its Endpoint, as an mCSD directory has them."""
    owner = {
        "resourceType": "Organization",
        "id": f"o{ura}",
        "identifier": [{"system": "http://fhir.nl/fhir/NamingSystem/ura", "value": ura}],
        "active": changed.pop("active", True),
        "name": name,
        "endpoint": [{"reference": f"Endpoint/e{ura}"}],
    }
    kind = {"system": "http://terminology.hl7.org/CodeSystem/endpoint-connection-type", "code": "dicom-wado-rs"}
    place = {
        "resourceType": "Endpoint",
        "id": f"e{ura}",
        "status": "active",
        "connectionType": kind,
        "payloadType": [{"text": "any"}],
        "address": address,
    }
    return [owner, place | changed]


def of(place: Any, **changed: Any) -> list[dict[str, Any]]:
    name = place.name.rpartition(" ")[2].lower()
    return organisation(place.ura, place.name, changed.pop("address", f"https://{name}.example/dicom-web"), **changed)


@dataclass
class CareServices:
    """A stub that answers ITI-90 searches with what it has, two resources a page."""

    resources: list[dict[str, Any]] = field(default_factory=list)
    status: int = 200
    away: str = ""
    asked: list[str] = field(default_factory=list)
    base_url: str = ""

    async def search(self, request: Request) -> Response:
        self.asked.append(str(request.url.query))
        assert request.method == "GET" and request.headers["accept"] == "application/fhir+json"
        if self.status != 200:
            return Response(status_code=self.status)
        page = int(request.query_params.get("page", "0"))
        some, rest = self.resources[4 * page : 4 * page + 4], self.resources[4 * page + 4 :]
        entries = [
            {"fullUrl": f"{self.base_url}/{one['resourceType']}/{one['id']}", "resource": one,
             "search": {"mode": "match" if one["resourceType"] == "Organization" else "include"}}
            for one in some
        ]  # fmt: skip
        bundle: dict[str, Any] = {"resourceType": "Bundle", "type": "searchset", "entry": entries}
        if rest or self.away:
            bundle["link"] = [
                {"relation": "next", "url": self.away or f"{self.base_url}/Organization?page={page + 1}"}
            ]
        return JSONResponse(bundle, media_type="application/fhir+json")


@contextmanager
def care_services() -> Iterator[CareServices]:
    stub = CareServices()
    with running(Starlette(routes=[Route("/fhir/Organization", stub.search)])) as port:
        stub.base_url = f"http://127.0.0.1:{port}/fhir"
        yield stub


@pytest.fixture
def theirs() -> Iterator[CareServices]:
    with care_services() as stub:
        yield stub


def collected(folder: Path, stub: CareServices) -> Result:
    return run("collect", folder / "hospitals.toml", "--mcsd", stub.base_url, "--out", folder / "agreed.toml")


def test_whom_both_directories_have_alike_is_in_the_list_that_is_signed(folder: Path, theirs: CareServices) -> None:
    theirs.resources = [*of(NOORD), *of(WEST), *of(ZUID)]
    done = collected(folder, theirs)
    assert (done.exit_code, done.output.count("as we have it")) == (0, 3), done.output
    assert installed(folder, signed(folder, source="agreed.toml")).exit_code == 0
    assert len(read_hospitals(here(folder))) == 3
    assert theirs.asked[0] == "active=true&_include=Organization:endpoint" and len(theirs.asked) == 2


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"active": False}, "not listed as active"),
        ({"active": "true"}, "not listed as active"),
        ({"status": "suspended"}, "no address for images is in force"),
        ({"period": {"end": "2026-01-01"}}, "no address for images is in force"),
        ({"period": {"start": "2099-01-01"}}, "no address for images is in force"),
        ({"connectionType": {"code": "hl7-fhir-rest"}}, "no address for images is in force"),
        ({"address": "https://west.example@evil.example/dicom-web"}, "listed at another address"),
        ({"address": "http://169.254.169.254/dicom-web"}, "listed at another address"),
    ],
)
def test_who_is_not_there_as_we_know_them_is_left_out_and_said(
    folder: Path, theirs: CareServices, changed: dict[str, Any], said: str
) -> None:
    theirs.resources = [*of(NOORD), *of(WEST, **changed), *of(ZUID)]
    done = collected(folder, theirs)
    assert (done.exit_code, said in done.output) == (1, True), done.output
    assert [one.gateway_id for one in read_hospitals(folder / "agreed.toml")] == ["noord", "zuid"]


def test_nobody_comes_in_by_standing_in_their_list(folder: Path, theirs: CareServices) -> None:
    theirs.resources = [*of(NOORD), *of(WEST), *of(ZUID), *organisation("66", "Kliniek", "https://kliniek.example")]
    done = collected(folder, theirs)
    assert (done.exit_code, "66  Kliniek: listed there, and we have no keys of it" in done.output) == (0, True)
    assert len(read_hospitals(folder / "agreed.toml")) == 3


@pytest.mark.parametrize("trouble", ["refused", "elsewhere", "gone"])
def test_a_list_that_is_not_whole_leaves_nobody_out(folder: Path, trouble: str) -> None:
    with care_services() as stub:
        stub.resources = [*of(NOORD), *of(WEST)]
        stub.status = 503 if trouble == "refused" else 200
        stub.away = "http://169.254.169.254/fhir/Organization?page=1" if trouble == "elsewhere" else ""
        done = collected(folder, stub) if trouble != "gone" else None
    done = done or collected(folder, stub)
    assert (done.exit_code, (folder / "agreed.toml").exists()) == (2, False), done.output
    assert "Traceback" not in done.output and "care services directory" in done.output


def test_a_directory_of_the_past_lets_no_program_start_and_no_token_be_made(folder: Path) -> None:
    public_file(folder / "list.json")
    with pytest.raises(Refused, match="directory_refused"):
        read_directory(
            signed(folder, "--days", "1").read_text(),
            issuer=PORTAL,
            keys=jose.load_keys(folder / "list.public.json"),
            now=datetime.now(UTC) + timedelta(days=2),
        )


async def test_no_hospital_is_called_past_the_end(folder: Path) -> None:
    from beeldpas.portal.registries.preview import Gateways
    from beeldpas.portal.registries.question import Question, Signer
    from beeldpas.web.outbound import open_client

    assert installed(folder, signed(folder, "--days", "1")).exit_code == 0
    moment = datetime.now(UTC)
    known = Directory.load(here(folder), lambda: moment)
    async with open_client(hosts=[]) as client:
        signer = Signer(PORTAL, jose.load_keys(folder / "list.json"), lambda: moment)
        gateways = Gateways.load(known, client, signer)
        moment += timedelta(days=2)
        with pytest.raises(Unavailable) as told:
            await gateways.preview("noord", ["1.2"], "nl", Question("patient", "patient", "s", "o", "PATRQT", "own"))
    assert told.value.reason == "directory_ended"
