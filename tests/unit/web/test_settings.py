"""A program reads one file, finds its other files beside it, and lets the environment win."""

from pathlib import Path

import pytest
from pydantic import BaseModel, ValidationError

from beeldpas.web.settings import ProgramSettings, RootedSettings


class Part(BaseModel):
    jwks_file: Path


class Program(ProgramSettings):
    askers: tuple[Part, ...] = ()


FILE = """
base_url = "https://index.example/base/"
port = 8001
state_dir = "/var/lib/index"
database_url = "sqlite+aiosqlite:///index.db"
tls_cert = "cert.pem"
[[askers]]
jwks_file = "keys/portal.json"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "index.toml").write_text(FILE)
    return tmp_path / "index.toml"


def test_relative_paths_stand_beside_the_file_and_absolute_ones_stay(file: Path) -> None:
    found = Program.load(file)
    assert found.tls_cert == file.parent / "cert.pem"
    assert found.askers[0].jwks_file == file.parent / "keys/portal.json"
    assert found.state_dir == Path("/var/lib/index")


def test_the_environment_wins(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BEELDPAS_PORT", "9999")
    assert Program.load(file).port == 9999


def test_an_unknown_setting_is_a_mistake_and_not_ignored(file: Path) -> None:
    file.write_text("hots = 1\n" + FILE)
    with pytest.raises(ValidationError, match="hots"):
        Program.load(file)


def test_a_program_with_cookies_stands_at_the_root_of_its_host(file: Path) -> None:
    assert Program.load(file).base_url == "https://index.example/base"
    file.write_text(FILE.partition("[[")[0])
    with pytest.raises(ValidationError, match="root of its host name"):
        RootedSettings.load(file)


@pytest.mark.parametrize(("address", "tls"), [("https://a.example", True), ("http://a.localhost:8001", False)])
def test_tls_is_what_browsers_see(file: Path, address: str, tls: bool) -> None:
    file.write_text(FILE.partition("[[")[0].replace("https://index.example/base/", address))
    assert RootedSettings.load(file).is_tls is tls
