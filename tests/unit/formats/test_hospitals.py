"""The hospital directory, and what counts as an address of one of its hospitals."""

from pathlib import Path

import pytest

from beeldpas.domain.errors import Malformed, NotFound
from beeldpas.formats.hospitals import is_below, read_hospitals
from beeldpas.portal.directory import Directory

NOORD = """
[[hospital]]
gateway_id = "noord"
name = "Ziekenhuis Noord"
ura = "90000101"
base_url = "https://noord.example/"
jwks_file = "keys/noord.json"
phone = "0800 0101"
"""


def directory(folder: Path, text: str) -> Path:
    file = folder / "hospitals.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_hospital_is_read_with_its_keys_beside_the_file(tmp_path: Path) -> None:
    (noord,) = read_hospitals(directory(tmp_path, NOORD))
    assert (noord.gateway_id, noord.base_url) == ("noord", "https://noord.example")
    assert noord.jwks_file == tmp_path / "keys" / "noord.json"


def test_who_is_not_in_the_directory_is_not_found(tmp_path: Path) -> None:
    known = Directory.load(directory(tmp_path, NOORD))
    assert known.by_id("noord").ura == "90000101"
    with pytest.raises(NotFound):
        known.by_id("west")
    assert known.at("noord", "https://noord.example/dicom-web") == known.by_id("noord")
    assert known.at("noord", "https://evil.example/dicom-web") is None
    assert known.at("west", "https://noord.example/dicom-web") is None


@pytest.mark.parametrize(
    "text",
    [
        "[[hospital]]\n",
        "hospital = 7",
        "hospital = [7]",
        "not toml",
        NOORD.replace('"90000101"', "90000101"),
        NOORD.replace('"noord"', '"Noord/../x"'),
        NOORD.replace("https://", "ftp://"),
        NOORD + NOORD,
        NOORD + NOORD.replace('"noord"', '"west"').replace("90000101", "90000102"),
        NOORD + NOORD.replace('"noord"', '"west"').replace("https://noord", "https://west"),
    ],
)
def test_a_directory_that_is_not_clear_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(Malformed) as refused:
        read_hospitals(directory(tmp_path, text))
    assert refused.value.reason == "directory"


@pytest.mark.parametrize(
    ("address", "base"),
    [
        ("https://noord.example/dicom-web", "https://noord.example"),
        ("https://noord.example", "https://noord.example/"),
        ("https://NOORD.example/x", "https://noord.example"),
        ("https://noord.example:8443/a/dicom-web", "https://noord.example:8443/a"),
    ],
)
def test_an_address_below_a_base(address: str, base: str) -> None:
    assert is_below(address, base)


@pytest.mark.parametrize(
    "address",
    [
        "https://noord.example/ab/c",
        "https://noord.example/",
        "https://noord.example/a/../b",
        "https://noord.example:1/a",
    ],
)
def test_an_address_beside_a_base(address: str) -> None:
    assert not is_below(address, "https://noord.example/a")
