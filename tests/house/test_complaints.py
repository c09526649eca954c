"""Each complaint in docs/complaints.md has a number, an answer and tests that exist."""

import re

from tests.house.tree import ROOT

ROWS = re.findall(r"(?m)^\| (\d+) \|(.+)\|$", (ROOT / "docs" / "complaints.md").read_text())


def test_the_twenty_two_complaints_are_there():
    assert [int(number) for number, _ in ROWS] == list(range(1, 23))


def test_each_names_tests_that_exist():
    missing = {
        f"{number}: {file}::{name}"
        for number, row in ROWS
        for file, name in re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", row)
        if not (ROOT / file).exists() or not re.search(rf"def {name}\(", (ROOT / file).read_text())
    }
    assert missing == set()
    assert all("::test_" in row for _, row in ROWS)
