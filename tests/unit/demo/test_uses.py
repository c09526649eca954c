"""The check compares three accounts of the same downloads, and sees what one of them leaves out."""

from typing import Any

from beeldpas.demo.check.stage import Use
from beeldpas.demo.check.uses import differences, noted


def line(event_id: str, phase: str, outcome: str = "running", size: int = 0, **more: Any) -> dict[str, Any]:
    return {"event_id": event_id, "kind": "download", "phase": phase, "outcome": outcome, "bytes": size} | more


HOSPITAL = noted([line("a", "started"), line("b", "ended", "completed", 500)], "noord")
PATIENT = noted(
    [
        {"event_id": event_id, "action": "download", "outcome": outcome, "bytes": size, "source": "noord",
         "what": {"phase": phase}}
        for event_id, phase, outcome, size in (("b", "ended", "completed", 500), ("a", "started", "running", 0))
    ]
)  # fmt: skip
OWN = [Use("noord", "completed", 500, 500)]


def test_three_accounts_of_one_download_agree() -> None:
    assert differences(HOSPITAL, PATIENT, OWN) == []


def test_a_line_missing_on_either_side_is_seen() -> None:
    for at in (0, 1):
        fewer = [event for place, event in enumerate(HOSPITAL) if place != at]
        assert differences(fewer, PATIENT, OWN)
        fewer = [event for place, event in enumerate(PATIENT) if place != at]
        assert differences(HOSPITAL, fewer, OWN)


def test_a_use_that_both_logs_hide_is_seen() -> None:
    assert differences([], [], OWN)


def test_a_use_that_nobody_made_is_seen() -> None:
    assert differences(HOSPITAL, PATIENT, [])


def test_a_wrong_number_of_bytes_is_seen() -> None:
    assert differences(HOSPITAL, PATIENT, [Use("noord", "completed", 499, 499)])


def test_an_event_told_differently_is_seen() -> None:
    changed = noted([line("a", "started"), line("b", "ended", "completed", 400)], "noord")
    assert differences(changed, PATIENT, OWN)


def test_a_cut_download_may_have_sent_more_than_arrived() -> None:
    hospital = noted([line("a", "started"), line("b", "ended", "cut", 900)], "noord")
    assert differences(hospital, hospital, [Use("noord", "cut", 500, None)]) == []


def test_views_and_sign_ins_are_no_uses() -> None:
    assert noted([{"event_id": "x", "kind": "sign_in"}]) == []
