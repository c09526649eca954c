"""What was granted and what was served, side by side: told once where they agree, and said where they do not."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from tests.cast import NOW

from beeldpas.domain.grant import Grant, Receiver
from beeldpas.portal.actions.log_story import Doubt, judge
from beeldpas.portal.store.grants import StoredGrant

STUDIES = ("1.2.1", "1.2.2")


def row(name: str, minutes: float, **more: Any) -> dict[str, Any]:
    """A row of the log, some minutes after the beginning; `started`, `ended` and `retrieve` are of the hospital."""
    kinds = {"off": "start_download", "view": "view_images", "key": "exchange_code", "retrieve": "retrieve"}
    phase = {"retrieve": "ended"}.get(name, name)
    use = {"phase": phase, "studies": list(STUDIES), "bytes": 7} if name not in ("off", "view", "key") else {}
    return {
        "event_id": f"{name}-{minutes}",
        "kind": kinds.get(name, "download"),
        "at": (NOW + timedelta(minutes=minutes)).isoformat(),
        "outcome": "done",
        "grant": "g1",
        **use,
        **more,
    }


def grant(revoked_at: datetime | None = None, ends_at: datetime = NOW + timedelta(days=14)) -> StoredGrant:
    """The grant that the rows are about."""
    receiver = Receiver("verified", "Dr. D. Dekker", "Kliniek De Linde")
    granted = Grant("g1", "noord", "share", "https://portal.example", frozenset(STUDIES), ends_at, receiver, 1)
    return StoredGrant(granted, "anna", "r", "s1", "K7P-4QX-92M", None, None, revoked_at, None)


def told(*rows: dict[str, Any], of: StoredGrant | None = None, hours: float = 2) -> dict[str, list[Doubt]]:
    """The rows that are told by themselves, each with what does not fit."""
    judged = judge(rows, {"g1": of or grant()}, NOW + timedelta(hours=hours))
    return {name: judgement.doubts for name, judgement in judged.items() if not judgement.within}


def test_a_download_that_went_well_is_one_line_without_doubt() -> None:
    assert told(row("off", 0), row("key", 0.1), row("started", 0.2), row("ended", 3)) == {"ended-3": []}


def test_two_downloads_are_two_lines() -> None:
    rows = [row("off", 0), row("key", 0.1), row("started", 0.2), row("off", 1), row("key", 1.1), row("started", 1.2)]
    assert told(*rows, row("ended", 3), row("ended", 4)) == {"ended-3": [], "ended-4": []}


def test_a_hospital_whose_clock_is_slow_is_believed() -> None:
    assert told(row("off", 0), row("key", 0.1), row("started", -4), row("ended", -1)) == {"ended--1": []}


def test_a_download_that_goes_on_is_said_to_have_no_end_yet() -> None:
    assert told(row("off", 0), row("key", 0.1), row("started", 0.2)) == {"started-0.2": [Doubt.NO_END]}


def test_a_key_of_which_nothing_was_heard() -> None:
    assert told(row("off", 0), row("key", 0.1)) == {"key-0.1": [Doubt.NOTHING_TOLD]}
    assert told(row("off", 0), row("key", 0.1), hours=0.1) == {"key-0.1": []}  # it may still be on its way


def test_somebody_who_set_off_and_never_arrived() -> None:
    assert told(row("off", 0)) == {"off-0": [Doubt.NOTHING_TOLD]}


def test_a_use_without_a_key() -> None:
    assert told(row("started", 0), row("ended", 3)) == {"ended-3": [Doubt.NO_KEY]}
    assert told(row("ended", 3)) == {"ended-3": [Doubt.NO_KEY]}
    assert told(row("retrieve", 3)) == {"retrieve-3": [Doubt.NO_KEY]}


def test_nobody_is_blamed_for_what_lies_before_the_rows_that_were_read() -> None:
    judged = judge([row("ended", 3)], {"g1": grant()}, NOW + timedelta(hours=2), has_beginning=False)
    assert judged["ended-3"].doubts == []


def test_viewing_renews_its_key_and_is_told_by_what_was_viewed() -> None:
    rows = [row("view", 0), row("view", 4), row("view", 8), row("retrieve", 9)]
    assert told(*rows) == {"retrieve-9": []}


def test_a_viewer_that_showed_nothing() -> None:
    assert told(row("view", 0)) == {"view-0": [Doubt.NOTHING_TOLD]}


def test_more_than_was_allowed() -> None:
    rows = [row("key", 0), row("started", 1), row("ended", 2, studies=[*STUDIES, "1.2.3"])]
    assert told(*rows) == {"ended-2": [Doubt.MORE]}


@pytest.mark.parametrize(
    ("of", "doubt"),
    [
        (grant(revoked_at=NOW - timedelta(minutes=6)), Doubt.AFTER_STOP),
        (grant(ends_at=NOW - timedelta(minutes=6)), Doubt.AFTER_END),
    ],
)
def test_what_began_after_the_end(of: StoredGrant, doubt: Doubt) -> None:
    assert told(row("key", 0), row("started", 0), of=of) == {"started-0": [doubt, Doubt.NO_END]}


def test_what_was_running_at_the_end_may_finish() -> None:
    ended = grant(revoked_at=NOW + timedelta(minutes=1))
    assert told(row("key", 0), row("started", 0), row("ended", 30), of=ended) == {"ended-30": []}


def test_what_was_refused_is_no_part_of_it() -> None:
    assert judge([row("off", 0, outcome="refused")], {}, NOW) == {}
