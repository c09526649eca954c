"""What only a whole page shows: long on average, nobody who does anything, too many hard words."""

from __future__ import annotations

import pytest
from frontend.plain_language.checking import faults
from frontend.plain_language.language import Language, dutch, english
from frontend.plain_language.page_rules import syllables
from frontend.plain_language.text import Text

TWELVE, FOURTEEN = "een " * 12, "one " * 14


def rules(language: Language, *sentences: str) -> list[str]:
    page = [Text(language.name, "patient", f"a.{number}", text) for number, text in enumerate(sentences)]
    return [fault.rule for fault in faults(page, language) if fault.where == "patient.po"]


@pytest.mark.parametrize(("language", "words"), [(dutch(), TWELVE), (english(), FOURTEEN)])
def test_the_mean_of_a_page_has_a_limit(language: Language, words: str) -> None:
    assert rules(language, *[f"{words.strip()}."] * 10) == []
    assert rules(language, *[f"{words.strip()}."] * 9, f"{words}een.") == ["mean-sentence"]


@pytest.mark.parametrize(
    ("language", "plain", "passive"),
    [
        (dutch(), "Wij sturen de brief.", "De brief wordt door ons gestuurd."),
        (dutch(), "Wij sturen de brief.", "Uw beelden werden bewaard."),
        (english(), "We send the letter.", "The letter was stopped by the helpdesk."),
        (english(), "We send the letter.", "The film is made by a hospital."),
    ],
)
def test_one_sentence_in_ten_may_hide_who_does_it(language: Language, plain: str, passive: str) -> None:
    assert rules(language, *[plain] * 9, passive) == []
    assert rules(language, *[plain] * 9, passive, passive) == ["passives"]


def test_english_pages_have_few_words_of_more_than_three_syllables() -> None:
    assert rules(english(), *["We see it all."] * 9, "We see a laboratory.") == []
    assert rules(english(), *["We see it."] * 9, "Institutional laboratory verification.") == ["long-words"]


@pytest.mark.parametrize(
    ("word", "number"),
    [("scan", 1), ("picture", 2), ("hospital", 3), ("examination", 5), ("asked", 1), ("people", 2)],
)
def test_syllables_are_counted_roughly(word: str, number: int) -> None:
    assert syllables(word) == number


def test_a_page_of_a_few_sentences_is_left_to_the_other_rules() -> None:
    assert rules(dutch(), f"{TWELVE}een twee.") == []
