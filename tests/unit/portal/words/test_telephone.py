"""Telephone numbers: as people read them here and abroad, and as a device dials them."""

from __future__ import annotations

import pytest

from beeldpas.portal.settings import ServiceSettings
from beeldpas.portal.words import telephone
from beeldpas.portal.words.service_facts import ServiceFacts


@pytest.mark.parametrize(
    ("number", "dutch", "english", "dialled"),
    [
        ("088 123 45 67", "088 123 45 67", "+31 88 123 45 67", "+31881234567"),
        ("020-123 4567", "020-123 4567", "+31 20-123 4567", "+31201234567"),
        ("0800 0100", "0800 0100", "0800 0100", "08000100"),
        ("0900 1234", "0900 1234", "0900 1234", "09001234"),
        ("14 020", "14 020", "14 020", "14020"),
        ("112", "112", "112", "112"),
        ("+31 88 123 45 67", "+31 88 123 45 67", "+31 88 123 45 67", "+31881234567"),
        ("0031 88 123 45 67", "0031 88 123 45 67", "0031 88 123 45 67", "0031881234567"),
    ],
)
def test_a_number_has_its_country_where_that_helps(number: str, dutch: str, english: str, dialled: str) -> None:
    assert [telephone.written(number, language) for language in ("nl", "en")] == [dutch, english]
    assert telephone.dialled(number) == dialled


def test_the_facts_of_the_service_are_in_the_words_of_the_reader() -> None:
    settings = ServiceSettings(organisation="Stichting Beeldpas", phone="088 123 45 67")
    dutch, english, polish = (ServiceFacts.of(settings, language) for language in ("nl", "en", "pl"))
    assert (dutch.phone, english.phone) == ("088 123 45 67", "+31 88 123 45 67")
    assert dutch.dial == english.dial == "+31881234567"
    assert (dutch.hours[:7], english.hours[:6], polish.hours) == ("maandag", "Monday", english.hours)
