"""Exceptions have a reason, and disappear with what they were for."""

from __future__ import annotations

from pathlib import Path

import pytest
from frontend.plain_language.allowances import Allowance, read_allowances, without_allowed
from frontend.plain_language.checking import check
from frontend.plain_language.fault import Fault
from tests.house.tree import ROOT

FAULT = Fault("nl", "a.b", "long-word", "patiëntendossier")
ALLOWED = Allowance("a.b", "long-word", "it is the name of the book")


def test_what_is_allowed_is_not_told() -> None:
    assert list(without_allowed([FAULT], [ALLOWED])) == []


@pytest.mark.parametrize(
    "other",
    [
        Allowance("a.c", "long-word", "another key"),
        Allowance("a.b", "clauses", "another rule"),
        Allowance("a.b", "long-word", "another language", "en"),
    ],
)
def test_an_exception_covers_one_key_one_rule_one_language(other: Allowance) -> None:
    told = list(without_allowed([FAULT], [other]))
    assert told[0] == "nl: a.b: long-word: patiëntendossier"
    assert told[1].endswith("nothing needs this any more")


def test_every_exception_has_a_reason() -> None:
    assert all(len(one.why) > 10 for one in read_allowances())


def test_an_exception_without_a_reason_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "allowances.toml"
    file.write_text('[[allowed]]\nwhere = "a.b"\nrule = "clauses"\n', encoding="utf-8")
    with pytest.raises(TypeError):
        read_allowances(file)


def test_all_texts_keep_to_the_rules() -> None:
    assert check(ROOT / "frontend" / "locales", read_allowances()) == []
