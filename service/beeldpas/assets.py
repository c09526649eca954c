"""Where the files stand that are not code: in the wheel, or in the clone that runs editable."""

from pathlib import Path


def asset(name: str) -> Path:
    """Return the folder of that name ("policies", "frontend/templates"). Raises: FileNotFoundError."""
    package = Path(__file__).parent
    for root in (package / "_assets", package.parents[1]):
        if (root / name).is_dir():
            return root / name
    raise FileNotFoundError(name)
