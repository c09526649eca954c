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


WEST = NOORD.replace('"noord"', '"west"').replace("90000101", "90000102").replace("https://noord", "https://west")


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
    assert known.at("https://noord.example/dicom-web") == known.with_ura("90000101") == known.by_id("noord")
    assert known.at("https://evil.example/dicom-web") is None
    assert known.with_ura("90000102") is None and known.with_ura("") is None


def test_an_address_below_two_hospitals_is_the_nearer_ones(tmp_path: Path) -> None:
    west = WEST.replace("https://west.example", "https://noord.example/west")
    known = Directory.load(directory(tmp_path, NOORD + west))
    assert known.at("https://noord.example/west/dicom-web") == known.by_id("west")
    assert known.at("https://noord.example/westerly") == known.by_id("noord")


def test_an_archive_can_be_known_by_its_location(tmp_path: Path) -> None:
    known = Directory.load(directory(tmp_path, NOORD + 'locations = ["1.2.3", "1.2.4"]\n' + WEST))
    assert known.with_location("1.2.4") == known.by_id("noord")
    assert known.with_location("1.2.5") is None and known.with_location("") is None


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
        NOORD + 'locations = ["1.2."]',
        NOORD + 'locations = ["1.2.3"]' + WEST + 'locations = ["1.2.3"]',
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
