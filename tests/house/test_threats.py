"""Every control that the documents claim has a test of that name: a claim without one fails here."""

import re

import pytest
from tests.house.tree import ROOT

DOCUMENTS = ("ATTACKS.md", "TRUST.md", "HAZARDS.md", "complaints.md")
# What these chapters say is not a control that a test could show.
NO_CONTROL_OF_OURS = {
    "Intended use",
    "How to read the table",
    "Who is responsible for which data",
    "Data protection impact: the engineers' part",
    "A caller who pretends",
}
_TEST = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_test_that_a_document_names_exists(document: str) -> None:
    named = _TEST.findall((ROOT / "docs" / document).read_text())
    assert [f"{path}::{name}" for path, name in named if not _exists(path, name)] == []


@pytest.mark.parametrize("document", ("ATTACKS.md", "HAZARDS.md"))
def test_every_chapter_of_threats_names_a_test(document: str) -> None:
    _, *chapters = re.split(r"(?m)^## ", (ROOT / "docs" / document).read_text())
    without = [chapter.splitlines()[0] for chapter in chapters if not _TEST.search(chapter)]
    assert set(without) <= NO_CONTROL_OF_OURS


def _exists(path: str, name: str) -> bool:
    file = ROOT / path
    if not file.is_file():
        return False
    return not name or re.search(rf"(?m)^(async )?def {name}\(", file.read_text()) is not None
