"""`beeldpas verify` as a secretary and a program meet it: sentences, JSON, and the number that it ends with."""

import json
from pathlib import Path

import pytest
from tests.downloads import HEAD_CT, IMAGE, KEYS, files, listed, saved, unpacked
from typer.testing import CliRunner, Result

from beeldpas.formats.jose import new_key, public_jwks
from beeldpas.receiver.commands import app

DIRECTORY = """
[[hospital]]
gateway_id = "noord"
name = "Ziekenhuis Noord"
ura = "90000101"
base_url = "{url}"
jwks_file = "noord.jwks.json"
phone = "088 123 4567"
"""


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    file = tmp_path / "noord.jwks.json"
    file.write_text(json.dumps(public_jwks(KEYS)))
    return file


def run(*words: object, language: str = "nl_NL.UTF-8") -> Result:
    return CliRunner().invoke(app, [str(word) for word in words], env={"LC_ALL": language})


def test_all_is_well(tmp_path, keys):
    done = run(saved(tmp_path, listed(files())), "--keys", keys)
    assert done.exit_code == 0
    assert done.output == (
        "IN ORDE. Alles is er en niets is veranderd sinds Ziekenhuis Noord het gaf.\n8 van 8 bestanden zijn goed.\n"
    )


def test_without_keys_it_does_not_pass_for_proven(tmp_path):
    done = run(saved(tmp_path, listed(files())))
    assert done.exit_code == 2
    assert "NIET BEWEZEN" in done.output
    assert (
        "Geef met --keys de sleutels van het ziekenhuis; die staan op https://noord.example/jwks.json." in done.output
    )


def test_what_is_wrong_is_named_in_the_language_of_the_computer(tmp_path, keys):
    content = listed(files())
    del content[IMAGE]
    done = run(saved(tmp_path, content), "--keys", keys, language="en_GB.UTF-8")
    assert done.exit_code == 1
    assert done.output.splitlines() == [
        "NOT IN ORDER. Do not import these images.",
        "7 of 8 files are right.",
        f"Examination {HEAD_CT}: 2 of 3 files.",
        "Missing:",
        f"    {IMAGE}",
        "Download again. Does it not work? Phone Ziekenhuis Noord.",
    ]


def test_a_directory_of_hospitals_says_whose_keys_and_whom_to_call(tmp_path, keys):
    directory = tmp_path / "hospitals.toml"
    directory.write_text(DIRECTORY.format(url="https://noord.example"))
    folder = unpacked(tmp_path, listed(files()))
    assert run(folder, "--keys", directory).exit_code == 0
    (folder / "README.TXT").write_text("anders")
    assert "Bel Ziekenhuis Noord: 088 123 4567." in run(folder, "--keys", directory).output


def test_a_hospital_that_is_in_no_directory_is_not_known(tmp_path, keys):
    directory = tmp_path / "hospitals.toml"
    directory.write_text(DIRECTORY.format(url="https://west.example"))
    done = run(saved(tmp_path, listed(files())), "--keys", directory)
    assert (done.exit_code, "https://noord.example staat niet in de lijst" in done.output) == (2, True)


def test_a_program_reads_json(tmp_path, keys):
    content = listed(files()) | {"EXTRA": b"", ".DS_Store": b""}
    done = run(saved(tmp_path, content), "--keys", keys, "--json")
    told = json.loads(done.output)
    assert done.exit_code == 1
    assert (told["verdict"], told["signature"], told["files"]) == ("faulty", "valid", {"listed": 8, "right": 8})
    assert (told["extra"], told["tolerated"], told["missing"]) == (["EXTRA"], [".DS_Store"], [])
    assert told["studies"][0] == {"uid": HEAD_CT, "listed": 3, "right": 3}
    assert told["hospital"] == {"name": "Ziekenhuis Noord", "id": "noord", "url": "https://noord.example"}


def test_a_name_in_a_download_cannot_steer_the_terminal(tmp_path, keys):
    done = run(saved(tmp_path, listed(files()) | {"\x1b]0;x\x07\x1b[2J": b""}), "--keys", keys)
    assert "\x1b" not in done.output and "?]0;x??[2J" in done.output


def test_a_long_list_is_cut_short(tmp_path, keys):
    extra = {f"EXTRA{number}": b"" for number in range(50)}
    assert "en nog 30" in run(saved(tmp_path, listed(files()) | extra), "--keys", keys).output


def test_a_key_of_another_hospital_is_not_enough(tmp_path, keys):
    content = listed(files(), key=new_key("west-1"))
    done = run(saved(tmp_path, content), "--keys", keys)
    assert (done.exit_code, "De handtekening klopt niet" in done.output) == (1, True)


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("gone.zip", "dit bestand is er niet"),
        ("page.zip", "dit is geen zip-bestand"),
        ("empty", "MANIFEST.JSN ontbreekt"),
    ],
)
def test_what_cannot_be_checked_is_said_in_words(tmp_path, what, said):
    (tmp_path / "page.zip").write_text("<html>404</html>")
    (tmp_path / "empty").mkdir()
    done = run(tmp_path / what)
    assert (done.exit_code, said in done.output, "Traceback" in done.output) == (2, True, False)
    assert json.loads(run(tmp_path / what, "--json").output)["verdict"] == "unreadable"


@pytest.mark.parametrize("content", ["", "[]", '{"keys": 1}', '{"keys": [{"kty": "x"}]}'])
def test_keys_that_are_none_are_said_to_be(tmp_path, content):
    for name in ("keys.json", "keys.toml"):
        (tmp_path / name).write_text(content)
    archive = saved(tmp_path, listed(files()))
    assert "de sleutels zijn niet te lezen" in run(archive, "--keys", tmp_path / "keys.json").output
    assert run(archive, "--keys", tmp_path / "keys.toml").exit_code == 2
