"""Sentences that nobody should have to read: each is found, by the rule that it breaks."""

from __future__ import annotations

import pytest
from frontend.plain_language.checking import faults
from frontend.plain_language.language import Language, dutch, english
from frontend.plain_language.text import Text

DUTCH, ENGLISH = dutch(), english()


def rules(language: Language, text: str, key: str = "timeline.lead", page: str = "patient") -> list[str]:
    return [fault.rule for fault in faults([Text(language.name, page, key, text)], language)]


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ("long-sentence", "U ziet hier al wat er is van en over u: hoe het er bij ons op dit uur nu voor staat."),
        ("clauses", "U ziet een scan die klaar is omdat het ziekenhuis hem gaf."),
        ("negations", "U kunt dit niet doen en niemand helpt u."),
        ("long-word", "Open uw patiëntendossier."),
        ("difficult-word", "Indien u dit wilt, belt u ons."),
        ("difficult-word", "Hier kunt u uw scan raadplegen."),
        ("difficult-word", "U dient te bellen."),
        ("banned-word", "Uw sessie is klaar."),
        ("banned-word", "Helaas lukt het nu even."),
        ("banned-word", "Dit is een ongeldige code."),
        ("abbreviation", "Bel uw AGB."),
        ("abbreviation", "Bel ons a.u.b. nu."),
        ("informal", "Je kunt hier kijken."),
        ("exclamation", "Gelukt!"),
        ("long-paragraph", "Een. Twee. Drie. Vier. Vijf."),
    ],
)  # fmt: skip
def test_dutch_that_is_hard_to_read_is_found(rule: str, text: str) -> None:
    assert rule in rules(DUTCH, text)


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ("long-sentence", "You see it as it is now in all of the land: he, she and we do as if it is all of us."),
        ("clauses", "You see a scan that is there because the hospital gave it."),
        ("negations", "You cannot do this and nobody helps you."),
        ("negations", "You don't need a name and never will."),
        ("difficult-word", "We receive the scan."),
        ("difficult-word", "In order to go on, sign in."),
        ("banned-word", "Your session is over."),
        ("banned-word", "Unfortunately it does not work."),
        ("banned-word", "Please simply try again."),
        ("abbreviation", "Phone your GP."),
        ("exclamation", "Done!"),
        ("long-paragraph", "One. Two. Three. Four. Five."),
    ],
)  # fmt: skip
def test_english_that_is_hard_to_read_is_found(rule: str, text: str) -> None:
    assert rule in rules(ENGLISH, text)


@pytest.mark.parametrize(
    ("rule", "title"),
    [("long-title", "U kunt nu de scans van alle ziekenhuizen hier bekijken"), ("title-stop", "Uw scans.")],
)
def test_a_title_is_short_and_no_sentence(rule: str, title: str) -> None:
    assert rules(DUTCH, title, "timeline.title") == [rule]
    assert rule not in rules(DUTCH, title, "timeline.lead")


@pytest.mark.parametrize(
    "text",
    [
        "U ziet hier uw scans, foto's en verslagen van alle ziekenhuizen die meedoen.",
        "Bijvoorbeeld: dr. De Wit, Ziekenhuis Zuid.",
        "Naam: {name}. Geboren: {birth_date}. Geslacht: {sex}.",
        "Dat zegt niets over uw gezondheid.",
        "Röntgenfoto's van de borst.",
        "De PET-CT-scan staat in een PDF van 12 MB.",
        "Om {time} loggen wij u uit.",
    ],
)
def test_plain_dutch_passes(text: str) -> None:
    assert rules(DUTCH, text) == []


@pytest.mark.parametrize("text", ["No, not now", "Sign in with DigiD.", "You find scans, pictures and reports here."])
def test_plain_english_passes(text: str) -> None:
    assert rules(ENGLISH, text) == []


@pytest.mark.parametrize(
    ("page", "key", "found"),
    [
        ("patient", "timeline.lead", ["banned-word", "abbreviation"]),
        ("states", "state.share_locked.why", ["banned-word", "abbreviation"]),
        ("provider", "overview.zip", []),
        ("states", "state.work_login_outage.next", []),
        ("shared", "ict.f1", []),
    ],
)
def test_each_reader_has_words_of_their_own(page: str, key: str, found: list[str]) -> None:
    assert rules(DUTCH, "Lees de beelden in in uw PACS.", key, page) == found
