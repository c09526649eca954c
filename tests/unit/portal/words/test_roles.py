"""Role codes in words: the specialism when we have it, the profession otherwise, and never a bare code."""

from pathlib import Path

import pytest

from beeldpas.portal.words.catalogue import load_translators
from beeldpas.portal.words.roles import role_name

T = load_translators(Path(__file__).parents[4] / "frontend" / "locales")


@pytest.mark.parametrize(
    ("roles", "nl", "en"),
    [
        (["01.039"], "radioloog", "radiologist"),
        (["01.000", "01.015"], "huisarts", "family doctor"),
        (["01.999"], "arts", "doctor"),
        (["30.076"], "verpleegkundige", "nurse"),
        (["99.000"], "zorgverlener", "care provider"),
        (["<b>"], "zorgverlener", "care provider"),
        ([], "zorgverlener", "care provider"),
    ],
)
def test_a_role_has_a_name(roles: list[str], nl: str, en: str) -> None:
    assert (role_name(T["nl"], roles), role_name(T["en"], roles)) == (nl, en)
