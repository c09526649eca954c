"""The process is reached here or over TLS, by callers that differ, each with a limit that means something."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from beeldpas.pseudonyms.settings import PseudonymsSettings
from beeldpas.web.pseudonyms import PseudonymSettings

CALLER = {"name": "portal", "issuer": "https://portal.example", "jwks_file": "portal.json"}
GOOD: dict[str, Any] = {"state_dir": "names", "socket": "names.sock", "callers": [CALLER]}


def test_a_socket_is_enough() -> None:
    settings = PseudonymsSettings(**GOOD)
    assert settings.book_file("portal") == Path("names/portal.keys.json")
    assert [str(limit) for limit in settings.callers[0].limits] == ["600 per 1 minute", "100000 per 1 day"]


@pytest.mark.parametrize(
    "change",
    [
        {"socket": None},
        {"port": 8009},
        {"socket": None, "port": 8009, "host": "0.0.0.0"},  # noqa: S104
        {"callers": []},
        {"callers": [CALLER, CALLER]},
        {"callers": [CALLER, {**CALLER, "issuer": "https://other.example"}]},
        {"callers": [CALLER, {**CALLER, "name": "other"}]},
        {"callers": [{**CALLER, "name": "../portal"}]},
        {"callers": [{**CALLER, "limit": "5/minute"}]},
        {"callers": [{**CALLER, "limit": "often"}]},
    ],
)
def test_what_would_be_open_or_ambiguous_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        PseudonymsSettings(**{**GOOD, **change})


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"socket": "a.sock", "base_url": "https://names.example"},
        {"base_url": "http://names.example"},
        {"base_url": "http://127.0.0.1.example"},
        {"base_url": "http://notlocalhost"},
    ],
)
def test_a_number_leaves_this_machine_over_tls_only(given: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        PseudonymSettings(**given)


@pytest.mark.parametrize("address", ["https://names.example", "http://127.0.0.1:8009", "http://names.localhost:8009"])
def test_tls_or_this_machine_is_good(address: str) -> None:
    assert PseudonymSettings(base_url=address).base_url == address
