"""The commands of a gateway, as its administrator types them."""

import json
from getpass import getuser
from pathlib import Path

import pytest
from tests.cast import BRAM
from tests.hospital import settings
from tests.hospital_images import BRAMS_CT, HEAD_CT, ISSUER, KNEE_MR, crosswalk_csv, fill, save
from tests.hospital_notes import rejection_note
from tests.hospital_portal import portal
from typer.testing import CliRunner, Result

from beeldpas.demo.toml import to_toml
from beeldpas.formats.evidence import SAFETY
from beeldpas.gateway.commands import app


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A hospital that was installed a moment ago; paths in its settings stand beside the file."""
    with portal(tmp_path) as trusted:
        values = settings(tmp_path, trusted, 8100).model_dump(mode="json", exclude_none=True)
    text = to_toml(values).replace(f"{tmp_path}/", "").replace("aiosqlite:///", f"aiosqlite:///{tmp_path}/")
    (tmp_path / "noord.toml").write_text(text)
    (tmp_path / "files").mkdir()
    (tmp_path / "state").mkdir()
    return tmp_path


def run(folder: Path, *words: str) -> Result:
    command, *rest = words
    return CliRunner().invoke(app, [command, "--config", str(folder / "noord.toml"), *rest])


def test_index_then_map_then_nothing_is_withheld(folder):
    fill(folder / "files")
    (folder / "files" / "LEESMIJ.TXT").write_text("geen beeld")
    first = run(folder, "ingest")
    assert first.exit_code == 0, first.output
    assert "11 indexed, 0 unchanged, 0 gone, 1 skipped" in first.output
    assert "skipped  not_part10      LEESMIJ.TXT" in first.output
    assert f"withheld unmapped                  {HEAD_CT}  {ISSUER} 4711" in first.output
    crosswalk_csv(folder / "state" / "crosswalk.csv")
    mapped = run(folder, "crosswalk")
    assert (mapped.exit_code, "withheld" in mapped.output) == (0, False)
    assert "2 numbers changed, 0 lines with a fault" in mapped.output


def test_two_patients_with_one_local_number_are_named_and_withheld(folder):
    fill(folder / "files")
    run(folder, "ingest")
    other = f"{ISSUER},4711,{BRAM.bsn.reveal()},{BRAM.birth_date},{BRAM.name},{BRAM.sex},"
    done = run(folder, "crosswalk", str(crosswalk_csv(folder / "patients.csv", other)))
    assert done.exit_code == 1
    assert "line 4: two patients one number" in done.output
    for study in (HEAD_CT, KNEE_MR):
        assert f"withheld two_patients_one_number   {study}" in done.output
    assert BRAMS_CT not in done.output
    assert BRAM.bsn.reveal() not in done.output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("crosswalk",), "the crosswalk cannot be read"),
        (("crosswalk", "other.csv"), "the file needs the columns issuer, local_number"),
        (("publish",), "the settings name no registry"),
    ],
)
def test_what_went_wrong_is_said_in_words(folder, words, said):
    (folder / "other.csv").write_text("nummer,bsn\n")
    done = run(folder, words[0], *(str(folder / word) for word in words[1:]))
    assert done.exit_code == 2
    assert said in done.output
    assert "Traceback" not in done.output


def test_a_store_that_is_not_mounted_is_said_to_be(folder):
    (folder / "files").rmdir()
    done = run(folder, "ingest")
    assert (done.exit_code, "the object store does not answer" in done.output) == (2, True)


def test_the_log_is_json_lines_and_says_who_read_it_and_what_administrators_did(folder):
    fill(folder / "files")
    crosswalk_csv(folder / "state" / "crosswalk.csv")
    for words in (["crosswalk"], ["ingest"], ["recall"], ["log", "--json"]):
        done = run(folder, *words)
    rows = [json.loads(line) for line in done.output.splitlines()]
    assert [row["kind"] for row in rows] == ["import_crosswalk", "ingest", "list_recalls", "read_log"]
    assert {(row["actor_kind"], row["actor"]) for row in rows} == {("administrator", getuser())}


def test_what_was_rejected_and_who_had_it_is_listed(folder):
    fill(folder / "files")
    crosswalk_csv(folder / "state" / "crosswalk.csv")
    run(folder, "crosswalk")
    run(folder, "ingest")
    save(rejection_note(HEAD_CT, f"{HEAD_CT}.1.1", f"{HEAD_CT}.1.2", code=SAFETY), folder / "files")
    save(rejection_note(BRAMS_CT, f"{HEAD_CT}.1.3", person=BRAM), folder / "files")
    done = run(folder, "ingest")
    assert f"rejected patient safety   in_force          {HEAD_CT}  2 instances" in done.output
    assert f"rejected quality          foreign_study     {BRAMS_CT}  1 instances" in done.output
    listed = run(folder, "rejected").output.splitlines()
    assert f"patient safety   in_force         {HEAD_CT}  {HEAD_CT}.1.1  by {HEAD_CT}.99.1" in listed
    assert len(listed) == 3
    assert (run(folder, "recall").exit_code, run(folder, "recall").output) == (0, "")


def test_a_scrub_by_hand_names_what_is_damaged_and_says_so_by_its_exit_code(folder):
    fill(folder / "import")
    assert run(folder, "ingest", str(folder / "import")).exit_code == 0
    whole = run(folder, "scrub")
    assert (whole.exit_code, "11 instances read, 0 damaged" in whole.output) == (0, True), whole.output
    (pack,) = (folder / "files" / KNEE_MR).rglob("*.pack")
    pack.unlink()
    done = run(folder, "scrub")
    assert (done.exit_code, "11 instances read, 1 damaged" in done.output) == (1, True), done.output
    assert f"gone     {KNEE_MR}.1.1  byte 0 of {pack.relative_to(folder / 'files')}" in done.output
    (folder / "files").rename(folder / "elsewhere")
    for _ in ("not there", "there, and nothing mounted on it"):
        away = run(folder, "scrub")
        assert (away.exit_code, "the object store does not answer" in away.output) == (2, True)
        (folder / "files").mkdir(exist_ok=True)


def release(folder: Path, *words: str) -> Result:
    command, *rest = words
    return CliRunner().invoke(app, ["release", command, *rest, "--config", str(folder / "noord.toml")])


def test_a_study_and_its_reports_are_kept_back_listed_and_let_go(folder):
    told = release(folder, "embargo", HEAD_CT, "--until", "2099-12-24", "--announce")
    assert (told.exit_code, f"announced until 2099-12-24 {HEAD_CT} holds from now on" in told.output) == (0, True)
    assert release(folder, "withhold", HEAD_CT, "--from", "representatives").exit_code == 0
    assert release(folder, "withhold", KNEE_MR, "--from", "everybody").exit_code == 0
    listed = release(folder, "list").output.split("\n")
    assert [line.split() for line in listed if line] == [
        ["announced", "until", "2099-12-24", HEAD_CT],
        ["representatives", HEAD_CT],
        ["everybody", KNEE_MR],
    ]
    assert release(folder, "lift", HEAD_CT).exit_code == 0
    assert release(folder, "list").output.split() == ["everybody", KNEE_MR]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("withhold", "no-uid", "--from", "everybody"), "no Study Instance UID"),
        (("withhold", HEAD_CT, "--from", "embargo"), "from representatives"),
        (("embargo", HEAD_CT, "--until", "soon"), "soon"),
        (("lift", HEAD_CT), "there is no rule about this study"),
    ],
)
def test_a_rule_that_is_none_is_said_in_words(folder, words, said):
    done = release(folder, *words)
    assert done.exit_code == 2 and said in done.output and "Traceback" not in done.output
