"""What comes out of a form field: text as people see it."""

import pytest
from starlette.datastructures import FormData

from beeldpas.portal.pages.visit import text


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("  Dr. D. Dekker ", "Dr. D. Dekker"),
        ("Fenna Şahin-Ørsted 李", "Fenna Şahin-Ørsted 李"),
        ("Dekker\x00; DROP", "Dekker; DROP"),
        ("gpj.\u202ekilcs", "gpj.kilcs"),
        ("eerste regel\r\ntweede\tregel", "eerste regel\r\ntweede\tregel"),
        ("\x00\u200b", ""),
    ],
)
def test_what_people_cannot_see_does_not_come_in(sent: str, read: str) -> None:
    assert text(FormData({"name": sent}), "name") == read


def test_a_field_that_is_absent_is_empty() -> None:
    assert text(FormData({}), "name") == ""
