"""A state that nothing leads to is found, however it would have been named."""

from __future__ import annotations

from pathlib import Path

import pytest
from frontend.named_states import states_without_a_cause

KEYS = ("state.share_gone.title", "state.share_gone.why", "timeline.title")


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ("service/beeldpas/portal/a.py", 'raise Refused("share_gone")'),
        ("service/beeldpas/portal/a.py", 'state = f"share_{how}"'),
        ("frontend/templates/a.html", '{{ t("state.share_gone.title") }}'),
        ("policies/a.cedar", '@reason("share_gone")'),
        ("frontend/scripts/a.ts", "show('share_gone')"),
    ],
)
def test_a_state_is_named_by_code_a_policy_a_page_or_a_script(tmp_path: Path, place: str, text: str) -> None:
    assert list(states_without_a_cause(tmp_path, KEYS)) == ["share_gone"]
    file = tmp_path / place
    file.parent.mkdir(parents=True)
    file.write_text(text, encoding="utf-8")
    assert list(states_without_a_cause(tmp_path, KEYS)) == []


def test_people_at_work_read_another_text_of_the_same_state(tmp_path: Path) -> None:
    file = tmp_path / "service" / "beeldpas" / "a.py"
    file.parent.mkdir(parents=True)
    file.write_text('state_page(request, "session_ended")', encoding="utf-8")
    assert list(states_without_a_cause(tmp_path, ("state.work_session_ended.title",))) == []
