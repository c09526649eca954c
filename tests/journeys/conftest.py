"""What the journeys share: one folder of sample images, made once."""

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def demo_state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for the demo's files."""
    return tmp_path_factory.mktemp("demo")
