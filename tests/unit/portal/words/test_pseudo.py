"""The two made-up languages: what is filled in stays whole, and production has none of them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from tests.house.tree import ROOT

from beeldpas.portal.pages import pages
from beeldpas.portal.words.catalogue import LANGUAGES, load_translators, read_catalogue
from beeldpas.portal.words.pseudo import LONG, RIGHT_TO_LEFT, lengthen, load_pseudo_translators, turn_around
from beeldpas.portal.words.voice import Voice

LOCALES = ROOT / "frontend" / "locales"
DUTCH = load_translators(LOCALES)["nl"]
MADE_UP = load_pseudo_translators(LOCALES)


def test_a_long_text_is_accented_longer_and_between_brackets() -> None:
    assert lengthen("Uitloggen") == "[Ůïţļöggéñ een]"
    assert lengthen("Geldig tot en met {date}.").startswith("[Géļďïg ţöţ éñ méţ {date}.")
    assert lengthen("de|buik").count("|") == 1


@pytest.mark.parametrize("text", ["U ziet hier uw scans.", "Uitloggen", "Wat al gedownload is, blijft bij de arts."])
def test_a_long_text_is_two_fifths_longer_or_a_little_more(text: str) -> None:
    grown = len(lengthen(text)) - 2
    assert len(text) * 1.4 <= grown + 1 <= len(text) * 1.4 + 8


def test_words_are_turned_around_and_what_is_filled_in_is_not() -> None:
    turned = turn_around("Tot {date} om 3 uur")
    assert turned == "\u202eTot\u202c {date} \u202eom\u202c 3 \u202euur\u202c"


@pytest.mark.parametrize("name", [LONG, RIGHT_TO_LEFT])
def test_every_text_of_the_dutch_catalogue_is_there_with_its_placeholders(name: str) -> None:
    for message in read_catalogue(LOCALES / "nl"):
        if not message.id:
            continue
        key = message.id[0] if isinstance(message.id, tuple) else message.id
        texts = (DUTCH._texts.gettext(key), MADE_UP[name]._texts.gettext(key))
        assert MADE_UP[name].knows(key)
        assert re.findall(r"\{\w*\}|\|", texts[0]) == re.findall(r"\{\w*\}|\|", texts[1])


def test_to_everything_but_addresses_and_pages_they_are_dutch() -> None:
    long, turned = Voice(MADE_UP[LONG]), Voice(MADE_UP[RIGHT_TO_LEFT])
    assert (long.language, turned.language) == ("nl", "nl")
    assert (long.catalogue, turned.catalogue) == (LONG, RIGHT_TO_LEFT)
    assert (long.direction, turned.direction) == ("ltr", "rtl")
    assert "8 december 2026" in long.date(datetime(2026, 12, 8, tzinfo=UTC))


@pytest.mark.parametrize(
    ("environment", "spoken"), [("production", {*LANGUAGES}), ("demo", {*LANGUAGES, "xl", "xr"})]
)
def test_only_the_demo_speaks_them(environment: str, spoken: set[str]) -> None:
    settings = SimpleNamespace(environment=environment)
    assert pages._voices(settings).keys() == spoken  # type: ignore[arg-type]


@pytest.mark.parametrize("language", LANGUAGES)
def test_languages_have_the_direction_that_they_are_written_in(language: str) -> None:
    assert load_translators(LOCALES)[language].direction == "ltr"
