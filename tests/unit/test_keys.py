"""A key file belongs to one owner and is never replaced by accident."""

import json
import stat
from pathlib import Path

import pytest

from beeldpas.formats.jose import load_keys
from beeldpas.keys import public_file, write_new_keys


@pytest.mark.parametrize(("rsa", "kind"), [(False, "OKP"), (True, "RSA")])
def test_a_new_key_is_private_and_has_a_public_half_beside_it(tmp_path: Path, rsa: bool, kind: str) -> None:
    file = tmp_path / "keys" / "gateway.json"
    write_new_keys(file, "noord-1", rsa=rsa)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert load_keys(file).keys[0].is_private
    public = json.loads(public_file(file).read_text())["keys"]
    assert [(key["kid"], key["kty"], "d" in key) for key in public] == [("noord-1", kind, False)]


def test_a_key_that_is_there_stays(tmp_path: Path) -> None:
    file = tmp_path / "gateway.json"
    write_new_keys(file, "1")
    before = file.read_text()
    with pytest.raises(FileExistsError):
        write_new_keys(file, "2")
    assert file.read_text() == before
