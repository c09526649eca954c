"""The check finds secrets in logs, and takes no other number for one."""

from pathlib import Path

from beeldpas.demo.check.steps.secrecy import leaks

LOG = '{"at":"2026-11-24T09:30:00.123456Z","event":"request","id":"a-123456-b","bytes":1123456,"ms":0.123456}\n'


def test_a_pin_inside_other_numbers_is_none(tmp_path: Path) -> None:
    file = tmp_path / "portal.log"
    file.write_text(LOG)
    assert leaks(file, {"7KQ2M9XD4TBNW3HFC"}, {"123456"}) == []


def test_a_pin_alone_is_found(tmp_path: Path) -> None:
    file = tmp_path / "portal.log"
    file.write_text(LOG + '{"pin": "123456"}')
    assert leaks(file, set(), {"123456"}) == ["a PIN or BSN"]


def test_a_code_is_found(tmp_path: Path) -> None:
    file = tmp_path / "portal.log"
    file.write_text(LOG + "code=7KQ2M9XD4TBNW3HFC")
    assert leaks(file, {"7KQ2M9XD4TBNW3HFC"}, set()) == ["a code, token or cookie"]
