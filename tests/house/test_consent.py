"""The text that a patient agreed to never changes: another wording is another version, and the old one stays."""

from hashlib import sha256

import pytest
from tests.house.tree import ROOT

from beeldpas.domain.consent import CURRENT, PARTS, text_name
from beeldpas.portal.words.catalogue import LANGUAGES, load_translators

# Every version that was ever shown, and the SHA-256 of its lines in each language.
SHOWN = {
    "2026-11/nl": "2934d8eb93b587ff6260237b3cf077008fa92cd46180d4044cbc707228e850f2",
    "2026-11/en": "20962c94573e6e7ab850d84c36ed32f3d545f35f8cb87ae4d7c245d61470ba82",
}


@pytest.mark.parametrize("name", SHOWN)
def test_a_text_that_was_shown_is_still_there_as_it_was(name: str) -> None:
    version, language = name.split("/")
    t = load_translators(ROOT / "frontend" / "locales")[language]
    lines = [t(f"consent.{version}.{part}", date="{date}") for part in range(1, PARTS + 1)]
    assert sha256("\n".join(lines).encode()).hexdigest() == SHOWN[name], "a new wording needs a new version"


def test_the_text_that_is_shown_now_is_one_of_them() -> None:
    assert {text_name(language) for language in LANGUAGES} <= SHOWN.keys()
    assert all(name.startswith(CURRENT) for name in map(text_name, LANGUAGES))
