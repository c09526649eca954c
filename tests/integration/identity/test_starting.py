"""The program looks at its providers before it starts: one that does not fit stops it, one that is silent does not.

Names that end in `.example` are led to this machine in these tests, as an installation's own names would be.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest
from tests.hospital import wait_until
from tests.lying_provider import Liar, Visit
from tests.portal_doors import portal_settings
from tests.strict_issuer import running_issuer

from beeldpas.demo.certificates import Certificates
from beeldpas.demo.issuers import digid
from beeldpas.demo.processes import free_ports
from beeldpas.demo.toml import to_toml
from beeldpas.domain.errors import Unavailable
from beeldpas.keys import public_file, write_new_keys
from beeldpas.portal.identity.provider import STAND_IN, Unfit, refuse_stand_ins
from beeldpas.portal.identity.providers import check_providers
from beeldpas.portal.secrets import write_new_secrets
from beeldpas.portal.settings import IssuerSettings

SERVICE = Path(__file__).parents[3] / "service"
_SECONDS = 60
_PROGRAM = """
import socket
ask = socket.getaddrinfo
def here(host, *rest, **more):
    name = host.decode() if isinstance(host, bytes) else host
    return ask("127.0.0.1" if str(name).endswith(".example") else host, *rest, **more)
socket.getaddrinfo = here
from beeldpas.cli import main
main()
"""


def started(folder: Path, **changes: Any) -> tuple[int, list[str]]:
    """Start the portal with these settings; returns how it ended and what it said beside its log."""
    file = _settings_file(folder, **changes)
    command = [sys.executable, "-c", _PROGRAM, "portal", "serve", "--config", str(file)]
    environment = {**os.environ, "PYTHONPATH": str(SERVICE)}
    ended = subprocess.run(command, capture_output=True, text=True, env=environment, check=False, timeout=_SECONDS)
    return ended.returncode, [line for line in ended.stderr.splitlines() if not line.startswith("{")]


def _settings_file(folder: Path, **changes: Any) -> Path:
    known = portal_settings(folder).model_dump(mode="json", exclude_unset=True)
    for name, value in changes.items():
        known[name] = known[name] | value if isinstance(value, dict) else value
    file = folder / "portal.toml"
    file.write_text(to_toml(known) + "\n")
    return file


def test_in_production_a_provider_that_could_be_made_up_stops_the_start(tmp_path: Path) -> None:
    code, said = started(tmp_path, environment="production", digid={"issuer": "https://digid.localhost:8443"})
    assert code == 1
    assert said == [
        "The portal does not start: digid (https://digid.localhost:8443) does not fit: its address is not https://, "
        "or is of this machine, and the environment is production"
    ]


@pytest.mark.slow
def test_in_production_the_demos_stand_in_stops_the_start_wherever_it_runs(tmp_path: Path) -> None:
    certificates = Certificates(tmp_path / "certificates")
    certificates.make(["digid.example"])
    with running_issuer(digid, "digid", tmp_path, certificates=certificates) as issuer:
        trusting = {"ca_file": str(certificates.ca_file), "digid": {"issuer": issuer.settings.issuer}}
        code, said = started(tmp_path, environment="production", **trusting)
    assert code == 1
    assert said == [
        f"The portal does not start: digid ({issuer.settings.issuer}) does not fit: it is a stand-in for "
        "demonstrations, and the environment is production"
    ]


@pytest.mark.slow
def test_a_provider_that_answers_and_does_not_fit_stops_the_start_with_the_reason_in_one_line(
    lying_provider: tuple[Liar, str], tmp_path: Path
) -> None:
    liar, issuer = lying_provider
    liar.__init__(issuer=issuer, discovery={"code_challenge_methods_supported": ["plain"]})  # type: ignore[misc]
    code, said = started(tmp_path, environment="demo", digid={"issuer": issuer})
    why = "its code_challenge_methods_supported does not name S256"
    assert (code, said) == (1, [f"The portal does not start: digid ({issuer}) does not fit: {why}"])


@pytest.mark.parametrize(
    ("discovery", "why"),
    [
        ({"issuer": "https://evil.example"}, "it names another issuer than the settings"),
        ({"response_types_supported": ["id_token"]}, "its response_types_supported does not name code"),
        ({"response_types_supported": "code"}, "its response_types_supported does not name code"),
        (
            {"token_endpoint_auth_methods_supported": ["client_secret_post"]},
            "its token_endpoint_auth_methods_supported does not name private_key_jwt",
        ),
        (
            {"require_pushed_authorization_requests": True},
            "it requires pushed requests and names no pushed_authorization_request_endpoint",
        ),
    ],
    ids=["issuer", "flow", "flow-as-text", "client", "pushed"],
)
async def test_every_provider_that_answers_and_does_not_fit_is_named_with_its_reason(
    lying_provider: tuple[Liar, str], tmp_path: Path, discovery: dict[str, Any], why: str
) -> None:
    liar, issuer = lying_provider
    liar.__init__(issuer=issuer, discovery=discovery)  # type: ignore[misc]
    known = portal_settings(tmp_path)
    misfit = known.digid.model_copy(update={"issuer": issuer})
    silent = known.zorg.model_copy(update={"issuer": f"http://zorg.localhost:{free_ports(1)[0]}"})
    changes = {"environment": "demo", "digid": misfit, "zorg": silent, "staff": misfit}
    found = await check_providers(known.model_copy(update=changes), lambda: datetime.now(UTC))
    assert found == [f"{name} ({issuer}) does not fit: {why}" for name in ("digid", "staff")]


@pytest.mark.parametrize(
    ("endpoint", "address"),
    [
        ("authorization_endpoint", "https://evil.example/auth"),
        ("token_endpoint", "https://evil.example/token"),
        ("userinfo_endpoint", "http://169.254.169.254/"),
        ("jwks_uri", ""),
        ("pushed_authorization_request_endpoint", "https://evil.example/par"),
        ("end_session_endpoint", "https://evil.example/end"),
    ],
)
async def test_a_provider_with_an_address_elsewhere_does_not_fit(visit: Visit, endpoint: str, address: str) -> None:
    visit.liar.discovery = {endpoint: address}
    with pytest.raises(Unfit, match="unavailable") as refusal:
        await visit.party.check()
    assert refusal.value.why == f"its {endpoint} is not at the issuer's own address"
    await visit.party.close()


async def test_a_provider_that_no_longer_fits_lets_nobody_in(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    await visit.party.check()
    monkeypatch.setattr("beeldpas.portal.identity.discovery._FRESH_SECONDS", 0)
    visit.liar.discovery = {"code_challenge_methods_supported": ["plain"]}
    with pytest.raises(Unfit):
        await visit.sign_in()


async def test_a_wrong_address_does_not_fit(visit: Visit) -> None:
    visit.agree(issuer=f"{visit.liar.issuer}/elsewhere")
    with pytest.raises(Unfit) as refusal:
        await visit.party.check()
    assert refusal.value.why.startswith("there is nothing at")
    await visit.party.close()


@pytest.mark.parametrize(
    ("status", "body"), [(500, "{}"), (503, "busy"), (200, "We are busy"), (200, "[]"), (302, "")]
)
async def test_what_is_no_configuration_is_an_outage_and_no_reason_not_to_start(
    visit: Visit, status: int, body: str
) -> None:
    visit.liar.says_instead = (status, body)
    with pytest.raises(Unavailable) as outage:
        await visit.party.check()
    assert not isinstance(outage.value, Unfit)
    await visit.party.close()


def test_who_says_of_itself_to_be_a_stand_in_signs_nobody_in_for_real(tmp_path: Path) -> None:
    settings = IssuerSettings(issuer="https://digid.example", client_id="c", key_file=tmp_path)
    refuse_stand_ins("digid", settings, {})
    with pytest.raises(Unfit):
        refuse_stand_ins("digid", settings, {STAND_IN: False})


@pytest.mark.parametrize(
    "address",
    [
        "http://digid.example", "https://localhost", "https://digid.localhost:8443", "https://127.0.0.1", "https://[::1]:8443",
        "https://127.9.9.9", "https://0.0.0.0",
    ],
)  # fmt: skip
def test_an_address_of_this_machine_is_seen_in_every_way_of_writing_it(tmp_path: Path, address: str) -> None:
    assert IssuerSettings(issuer=address, client_id="c", key_file=tmp_path).is_of_this_machine


def test_an_address_elsewhere_is_no_address_of_this_machine(tmp_path: Path) -> None:
    for address in ("https://digid.example", "https://10.0.0.5:8443/oidc", "https://localhost.example"):
        assert not IssuerSettings(issuer=address, client_id="c", key_file=tmp_path).is_of_this_machine


@pytest.mark.slow
def test_a_portal_starts_while_its_providers_are_silent_and_says_so_at_their_doors(tmp_path: Path) -> None:
    with serving(tmp_path) as address:
        for path, text in (
            ("/sign-in", "Inloggen met DigiD werkt nu niet"),
            ("/provider/sign-in", "Inloggen werkt nu niet"),
        ):
            page = httpx2.get(f"{address}{path}")
            assert (page.status_code, f"<h1>{text}</h1>" in page.text) == (503, True)
        assert httpx2.get(f"{address}/health/live").status_code == 200


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """A portal in a process of its own whose three providers are not there."""
    port = free_ports(1)[0]
    for name in ("portal", "noord"):
        write_new_keys(folder / f"{name}.jwks.json", f"{name}-1")
    write_new_secrets(folder / "secrets.json")
    hospital = {
        "gateway_id": "noord", "name": "Ziekenhuis Noord", "ura": "90000101", "base_url": "https://noord.example",
        "phone": "0800", "jwks_file": public_file(folder / "noord.jwks.json"),
    }  # fmt: skip
    (folder / "hospitals.toml").write_text(to_toml({"hospital": [hospital]}) + "\n")
    silent = {"issuer": f"http://digid.localhost:{free_ports(1)[0]}"}
    file = _settings_file(
        folder,
        environment="demo",
        port=port,
        key_file=str(folder / "portal.jwks.json"),
        database_url=f"sqlite+aiosqlite:///{folder}/portal.db",
        digid=silent,
        zorg=silent,
        staff=silent,
    )
    command = [sys.executable, "-c", _PROGRAM, "portal", "serve", "--config", str(file)]
    environment = {**os.environ, "PYTHONPATH": str(SERVICE)}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env=environment)
        try:
            wait_until(lambda: _answers(port) or process.poll() is not None, _SECONDS)
            assert process.poll() is None, (folder / "log").read_text()
            yield f"http://127.0.0.1:{port}"
        finally:
            process.kill()
            process.wait()


def _answers(port: int) -> bool:
    try:
        return httpx2.get(f"http://127.0.0.1:{port}/health/live").status_code == 200
    except httpx2.TransportError:
        return False
