"""What stands above a report at the hospital: which of two texts this is, and the way to the newest."""

from __future__ import annotations

import pytest

from beeldpas.gateway.report_words import Frame

NEW, OLD = "/report/new", "/report/old"


def above(language: str, newer: str | None, older: str | None) -> str:
    return Frame(language, "Ziekenhuis Noord", True, None, newer, older).above()


@pytest.mark.parametrize(
    ("language", "newest", "old"),
    [("nl", "nieuwste tekst", "oude tekst. De arts"), ("en", "newest text", "old text. The")],
)
def test_each_of_two_texts_says_which_one_it_is(language: str, newest: str, old: str) -> None:
    latest, former = above(language, None, OLD), above(language, NEW, None)
    assert newest in latest and old not in latest and f'href="{OLD}"' in latest
    assert old in former and newest not in former and f'href="{NEW}"' in former


def test_an_old_text_leads_to_the_newest_and_to_no_older_one() -> None:
    middle = above("nl", NEW, OLD)
    assert NEW in middle and OLD not in middle


def test_of_a_report_that_never_changed_nothing_is_said() -> None:
    assert "tekst" not in above("nl", None, None)
