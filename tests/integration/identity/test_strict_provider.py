"""Signing in against certified provider software: it accepts what we send, and we accept what it says."""

from __future__ import annotations

import json
import socket
import ssl
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qsl, urljoin, urlsplit

import pytest
from joserfc.jwk import KeySet

from beeldpas.demo.check.browser import Browser
from beeldpas.demo.issuers import HIGH, LOW, PROGRAM, SUBSTANTIAL, Client, care, digid, staff
from beeldpas.domain.errors import Refused, Unavailable
from beeldpas.formats.jose import load_keys, new_rsa_key, public_jwks
from beeldpas.keys import write_new_keys
from beeldpas.portal.identity.digid import signed_in
from beeldpas.portal.identity.relying_party import Begun, Evidence, RelyingParty
from beeldpas.portal.identity.staff import staff_member
from beeldpas.portal.identity.zorg import care_provider
from beeldpas.portal.settings import IssuerSettings, Level

PORTAL = "http://portal.localhost:9"
CLIENT_ID = "beeldpas-portal"
KINDS = {"digid": digid, "zorg": care, "staff": staff}


@dataclass
class Issuer:
    """A provider in a process of its own, and the portal as its client."""

    name: str
    settings: IssuerSettings

    def party(self, **changes: object) -> RelyingParty:
        """The relying party, with other settings than the provider knows if the test wants that."""
        settings = self.settings.model_copy(update=changes)
        return RelyingParty(self.name, settings, base_url=PORTAL, clock=lambda: datetime.now(UTC), stand_ins=True)


@pytest.fixture(scope="module", params=["plain", "encrypted"])
def digid_issuer(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Issuer]:
    """DigiD's stand-in: userinfo as JSON, or signed and encrypted as DigiD's own front gives it."""
    yield from _issuer("digid", tmp_path_factory.mktemp("digid"), encrypted=request.param == "encrypted")


@pytest.fixture(scope="module")
def zorg_issuer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Issuer]:
    """The care login."""
    yield from _issuer("zorg", tmp_path_factory.mktemp("zorg"))


@pytest.fixture(scope="module")
def staff_issuer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Issuer]:
    """The staff login."""
    yield from _issuer("staff", tmp_path_factory.mktemp("staff"))


def _issuer(name: str, folder: Path, *, encrypted: bool = False) -> Iterator[Issuer]:
    key_file = folder / "client.jwks.json"
    write_new_keys(key_file, "client-1", rsa=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    base_url = f"http://{name}.localhost:{port}"
    client = Client(CLIENT_ID, f"{PORTAL}/callback/{name}", _published(key_file), encrypted)
    config = KINDS[name](client) | {
        "base_url": base_url,
        "port": port,
        "jwks": KeySet([new_rsa_key(f"{name}-1")]).as_dict(private=True),
    }
    (folder / "config.json").write_text(json.dumps(config))
    process = subprocess.Popen(
        ["node", str(PROGRAM), str(folder / "config.json")],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    try:
        assert any("issuer_ready" in line for line in process.stdout)
        yield Issuer(
            name,
            IssuerSettings(
                issuer=base_url, client_id=CLIENT_ID, key_file=key_file, userinfo="encrypted" if encrypted else "json"
            ),
        )
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()


def _published(key_file: Path) -> dict[str, object]:
    """The client's one key, as an administrator registers it: for signatures and for encryption."""
    (key,) = public_jwks(load_keys(key_file))["keys"]
    return {"keys": [key, {**key, "use": "enc", "alg": "RSA-OAEP", "kid": "client-1-enc"}]}


async def sign_in(issuer: Issuer, begun: Begun, **fields: str) -> dict[str, str]:
    """Act as the browser at the provider; returns the answer that it brings back to the portal."""
    async with Browser(ssl.create_default_context()) as browser:
        page = await browser.open(begun.url)
        answer = await browser.send("POST", page.url, data=fields)
        while not (place := urljoin(begun.url, answer.headers["location"])).startswith(PORTAL):
            answer = await browser.send("GET", place)
        return dict(parse_qsl(urlsplit(place).query))


def number(evidence: Evidence, minimum: Level) -> str:
    """The number of whoever signed in for themselves."""
    return signed_in(evidence, minimum, datetime.now(UTC).date()).bsn.reveal()


async def test_a_patient_is_recognised_by_number_and_level(digid_issuer: Issuer) -> None:
    party = digid_issuer.party()
    begun = await party.begin("nl")
    answer = await sign_in(digid_issuer, begun, person="anna", level=SUBSTANTIAL)
    assert (answer["state"], answer["iss"]) == (begun.state, digid_issuer.settings.issuer)
    evidence = await party.finish(answer, begun)
    assert number(evidence, "substantial") == "999990019"
    assert "bsn" not in evidence.id_token
    with pytest.raises(Refused) as refusal:
        number(evidence, "high")
    assert refusal.value.reason == "login_level_too_low"
    await party.close()


@pytest.mark.parametrize(("level", "accepted"), [(LOW, False), (SUBSTANTIAL, True), (HIGH, True)])
async def test_the_level_that_was_used_is_the_level_that_counts(
    digid_issuer: Issuer, level: str, accepted: bool
) -> None:
    party = digid_issuer.party()
    begun = await party.begin("en")
    evidence = await party.finish(await sign_in(digid_issuer, begun, person="bram", level=level), begun)
    if accepted:
        assert number(evidence, "substantial") == "999993653"
    else:
        with pytest.raises(Refused, match="login_level_too_low"):
            number(evidence, "substantial")
    await party.close()


async def test_cancelling_is_no_failure(digid_issuer: Issuer) -> None:
    party = digid_issuer.party()
    begun = await party.begin("nl")
    with pytest.raises(Refused, match="login_cancelled"):
        await party.finish(await sign_in(digid_issuer, begun, cancel="yes"), begun)
    await party.close()


async def test_a_code_counts_once(digid_issuer: Issuer) -> None:
    party = digid_issuer.party()
    begun = await party.begin("nl")
    answer = await sign_in(digid_issuer, begun, person="anna", level=SUBSTANTIAL)
    await party.finish(answer, begun)
    with pytest.raises(Refused, match="login_identity_problem"):
        await party.finish(answer, begun)
    await party.close()


async def test_a_code_is_worth_nothing_without_its_verifier_or_for_another_sign_in(digid_issuer: Issuer) -> None:
    party = digid_issuer.party()
    begun, other = await party.begin("nl"), await party.begin("nl")
    answer = await sign_in(digid_issuer, begun, person="anna", level=SUBSTANTIAL)
    with pytest.raises(Refused, match="login_identity_problem"):
        await party.finish(answer, other)
    await party.close()


async def test_a_client_with_another_key_gets_nothing(digid_issuer: Issuer, tmp_path: Path) -> None:
    write_new_keys(tmp_path / "other.jwks.json", "client-1", rsa=True)
    party = digid_issuer.party(key_file=tmp_path / "other.jwks.json")
    with pytest.raises(Unavailable):
        await party.begin("nl")
    await party.close()


async def test_both_audiences_of_a_client_assertion_are_taken(zorg_issuer: Issuer) -> None:
    for audience in ("token_endpoint", "issuer"):
        party = zorg_issuer.party(assertion_audience=audience)
        begun = await party.begin("nl")
        evidence = await party.finish(await sign_in(zorg_issuer, begun, person="dekker"), begun)
        who = care_provider(evidence)
        assert (who.name, [place.name for place in who.workplaces]) == ("Dr. D. Dekker", ["Kliniek De Linde"])
        await party.close()


async def test_staff_come_with_their_roles(staff_issuer: Issuer) -> None:
    party = staff_issuer.party()
    begun = await party.begin("nl")
    member = staff_member(await party.finish(await sign_in(staff_issuer, begun, person="fatima"), begun))
    assert (member.name, member.roles) == ("Fatima", {"helpdesk"})
    begun = await party.begin("nl")
    evidence = await party.finish(await sign_in(staff_issuer, begun, person="gerrit"), begun)
    with pytest.raises(Refused, match="staff_role_missing"):
        staff_member(evidence)
    await party.close()


async def test_an_answer_of_one_provider_is_worth_nothing_at_another(
    digid_issuer: Issuer, staff_issuer: Issuer
) -> None:
    party, other = digid_issuer.party(), staff_issuer.party()
    begun, begun_there = await party.begin("nl"), await other.begin("nl")
    answer = await sign_in(staff_issuer, begun_there, person="fatima")
    with pytest.raises(Refused, match="login_identity_problem"):
        await party.finish(answer, begun)
    await party.close()
    await other.close()


async def test_what_the_portal_asks_is_pushed_and_the_browser_carries_a_reference_only(zorg_issuer: Issuer) -> None:
    party = zorg_issuer.party()
    begun = await party.begin("en")
    asked = dict(parse_qsl(urlsplit(begun.url).query))
    assert set(asked) == {"client_id", "request_uri"}
    assert (await party.finish(await sign_in(zorg_issuer, begun, person="dekker"), begun)).subject
    await party.close()
