"""Everything that gets installed is named with its hash, and no lock says where to fetch it."""

import json
import re
import runpy

import pytest
from tests.house.tree import ROOT, files, name_of

LOCKS = runpy.run_path(str(ROOT / "docker" / "locks.py"))
PACKAGE_LOCKS = [file for file in files() if file.name == "package-lock.json"]


@pytest.mark.parametrize("lock", [file for file in files() if file.suffix == ".lock"], ids=name_of)
def test_a_python_lock_pins_and_hashes_everything(lock):
    text = lock.read_text()
    blocks = [block for block in re.split(r"(?m)^(?=[a-z0-9])", text) if block.strip()]
    assert blocks
    assert [block for block in blocks if not re.match(r"[a-z0-9._-]+==\S+", block)] == []
    assert [block for block in blocks if "--hash=sha256:" not in block] == []
    assert "://" not in text
    assert "index-url" not in text


@pytest.mark.parametrize("image", LOCKS["IMAGES"])
def test_the_lock_of_an_image_is_the_part_of_the_lock_that_it_needs(image):
    # When this fails:  .venv/bin/python docker/locks.py
    lock = (ROOT / "docker" / "locks" / f"{image}.lock").read_text()
    assert lock == LOCKS["lock_of"](image)
    whole = (ROOT / "requirements.lock").read_text()
    assert [block for block in re.split(r"(?m)^(?=[a-z0-9])", lock) if block not in whole] == []


@pytest.mark.parametrize("lock", PACKAGE_LOCKS, ids=name_of)
def test_a_script_lock_hashes_everything_and_names_no_place(lock):
    packages = {name: package for name, package in json.loads(lock.read_text())["packages"].items() if name}
    assert [name for name, package in packages.items() if "integrity" not in package] == []
    assert [name for name, package in packages.items() if "resolved" in package] == []
