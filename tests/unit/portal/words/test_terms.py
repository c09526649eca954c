"""Words that pages explain: each in every language, each on some page, none twice."""

from __future__ import annotations

import re

import pytest
from tests.house.tree import ROOT

from beeldpas.portal.words.catalogue import LANGUAGES, load_translators, read_catalogue
from beeldpas.portal.words.voice import Voice

LOCALES = ROOT / "frontend" / "locales"
_CALL = re.compile(r"explained\((.*?)\)\s*\}\}", re.DOTALL)


class Scan:
    """Something with kinds."""

    body_part = laterality = ""

    def __init__(self, *modalities: str) -> None:
        self.modalities = modalities


def terms(language: str) -> set[str]:
    keys = (str(message.id) for message in read_catalogue(LOCALES / language) if message.id)
    return {key.split(".")[1] for key in keys if re.fullmatch(r"term\.\w+\.name", key)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_term_has_a_name_and_whole_sentences(language: str) -> None:
    t = load_translators(LOCALES)[language]
    for term in terms(language):
        assert t(f"term.{term}.name")
        assert t(f"term.{term}.text").endswith(".")


def test_every_term_is_explained_on_a_page_and_every_page_asks_for_terms_that_exist() -> None:
    pages = [path.read_text(encoding="utf-8") for path in (ROOT / "frontend" / "templates").rglob("*.html")]
    called = " ".join(call for page in pages for call in _CALL.findall(page))
    asked = set(re.findall(r'"(\w+)"', called))
    assert terms("nl") <= asked, "explained nowhere"
    assert {
        term for call in re.findall(r"explained\(\(([^)]*)\)", called) for term in re.findall(r'"(\w+)"', call)
    } <= terms("nl")


def test_kinds_are_explained_once_and_technical_ones_are_not() -> None:
    say = Voice(load_translators(LOCALES)["nl"])
    assert say.kinds_among([Scan("CT", "SR"), Scan("MR", "CT", "KO"), Scan("ZZ")]) == ["CT", "MR"]
