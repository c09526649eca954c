"""What a report's own file says of its state."""

import json
from datetime import date

import pytest

from beeldpas.gateway.report_state import state_of, written_on


def model(**values: str) -> str:
    tags = {"completion": "0040A491", "preliminary": "0040A496", "day": "00080023"}
    return json.dumps({tags[name]: {"vr": "CS", "Value": [value]} for name, value in values.items()})


@pytest.mark.parametrize(
    ("said", "replaces", "state"),
    [
        (model(), False, "final"),
        (model(completion="COMPLETE", preliminary="FINAL"), False, "final"),
        (model(completion="COMPLETE"), True, "amended"),
        (model(completion="PARTIAL"), False, "partial"),
        (model(completion="COMPLETE", preliminary="PRELIMINARY"), False, "preliminary"),
        (model(completion="PARTIAL", preliminary="PRELIMINARY"), True, "preliminary"),
        (json.dumps({"0040A496": {"vr": "CS"}}), False, "final"),
    ],
)
def test_the_state_is_what_the_file_says(said: str, replaces: bool, state: str) -> None:
    assert state_of(said, replaces=replaces) == state


@pytest.mark.parametrize(("day", "written"), [("20260504", date(2026, 5, 4)), ("2026", None), ("", None)])
def test_the_day_is_the_reports_own(day: str, written: date | None) -> None:
    assert written_on(model(day=day)) == written


def test_a_file_without_a_day_has_none() -> None:
    assert written_on("{}") is None
