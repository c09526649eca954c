"""The viewer's pure parts, by Node's own test runner: order, memory, sides, sizes, windows, reports."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.house.tree import ROOT

BUNDLER = ROOT / "frontend" / "node_modules" / ".bin" / "rolldown"


def test_the_pure_parts_of_the_viewer_hold(tmp_path: Path) -> None:
    checks, bundle = ROOT / "frontend" / "viewer" / "checks" / "order.test.ts", tmp_path / "checks.mjs"
    command = [str(BUNDLER), str(checks), "--platform", "node", "--format", "esm", "--file", str(bundle)]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    found = subprocess.run(["node", "--test", bundle], capture_output=True, text=True, timeout=60, check=False)
    assert found.returncode == 0, found.stdout
    assert "# pass 12" in found.stdout
