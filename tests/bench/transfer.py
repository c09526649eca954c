"""One download by curl into nothing: how many megabytes (10^6 bytes) a second."""

import json
import subprocess
from collections.abc import Mapping


def download(url: str, headers: Mapping[str, str] | None = None, *, expect_bytes: int) -> float:
    """Return the rate of a complete download. Raises: RuntimeError when it was not complete, or not a 200."""
    command = ["curl", "--silent", "--show-error", "--output", "/dev/null", "--write-out", "%{json}", url]
    for name, value in (headers or {}).items():
        command += ["--header", f"{name}: {value}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    told = json.loads(done.stdout or "{}")
    if done.returncode or told["http_code"] != 200 or told["size_download"] != expect_bytes:
        raise RuntimeError(f"the download failed: {done.stderr or told}")
    return expect_bytes / told["time_total"] / 1e6
