"""The catalogues: complete, readable, and no broken file goes unnoticed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from tests.house.tree import ROOT

from beeldpas.portal.words.catalogue import load_translators, read_catalogue

HEAD = 'msgid ""\nmsgstr ""\n"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n'


def test_the_check_of_the_translations_finds_nothing() -> None:
    found = subprocess.run(
        [sys.executable, str(ROOT / "frontend" / "check_translations.py")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (found.returncode, found.stdout) == (0, "")


def _write(folder: Path, text: str, name: str = "one.po") -> Path:
    for language in ("nl", "en"):
        (folder / language).mkdir(exist_ok=True)
        (folder / language / name).write_text(HEAD + text, encoding="utf-8")
    return folder


def test_texts_take_values_as_they_are(tmp_path: Path) -> None:
    t = load_translators(_write(tmp_path, 'msgid "a.b"\nmsgstr "Dag {name}"\n'))["nl"]
    assert t("a.b", name="{name} & {0}") == "Dag {name} & {0}"
    with pytest.raises(LookupError):
        t("a.c")
    assert (t.knows("a.b"), t.knows("a.c")) == (True, False)


def test_one_and_many_have_their_own_form(tmp_path: Path) -> None:
    plural = 'msgid "n.x"\nmsgid_plural "n.x"\nmsgstr[0] "{n} beeld"\nmsgstr[1] "{n} beelden"\n'
    t = load_translators(_write(tmp_path, plural))["nl"]
    assert [t.many("n.x", number) for number in (0, 1, 2)] == ["0 beelden", "1 beeld", "2 beelden"]
    assert t.many("n.x", 1203, n="1.203") == "1.203 beelden"
    with pytest.raises(LookupError):
        t.many("n.y", 1)


def test_a_key_stands_in_one_file_only(tmp_path: Path) -> None:
    folder = _write(tmp_path, 'msgid "a.b"\nmsgstr "x"\n')
    _write(folder, 'msgid "a.b"\nmsgstr "y"\n', "two.po")
    with pytest.raises(ValueError, match=r"a\.b is in two files"):
        read_catalogue(folder / "nl")
