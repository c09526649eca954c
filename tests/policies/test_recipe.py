"""The recipe of docs/policies.md, followed word by word: a rule is added, checked and documented."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
RULE = """
// The helpdesk stops nothing at the weekend of a test.
@id("not-today")
@refusal("revoke_reason_missing")
forbid (principal is Staff, action == Action::"revoke_share", resource) when { context.why == "weekend" };
"""


def commands() -> list[str]:
    """The commands of the recipe, but the last, which is this suite."""
    (block,) = re.findall(r"```sh\n(.*?)```", (ROOT / "docs" / "policies.md").read_text(), re.DOTALL)
    *own, last = block.splitlines()
    assert last == "make check"
    return own


def test_the_commands_of_the_recipe_work(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "policies", tmp_path / "policies")
    (tmp_path / "docs").mkdir()
    helpdesk = tmp_path / "policies" / "helpdesk.cedar"
    helpdesk.write_text(helpdesk.read_text() + RULE)
    denied = tmp_path / "policies" / "cases" / "revoke_share" / "DENY"
    case = (denied / "the_helpdesk_stops_a_share_without_a_reason.json").read_text()
    case = case.replace('"why": ""', '"why": "weekend"').replace("helpdesk-needs-a-reason", "not-today")
    (denied / "the_helpdesk_stops_a_share_at_the_weekend.json").write_text(case)
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    for command in commands():
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=tmp_path,
            env={**os.environ, "PATH": path},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
    assert "not-today" in (tmp_path / "docs" / "policies.md").read_text()
