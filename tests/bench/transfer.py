"""One download by curl into nothing: how many megabytes (10^6 bytes) a second."""

import json
import subprocess
from collections.abc import Mapping
from typing import Any


def download(url: str, headers: Mapping[str, str] | None = None, *, expect_bytes: int) -> float:
    """Return the rate of a complete download. Raises: RuntimeError when it was not complete, or not a 200."""
    return expect_bytes / seconds(url, headers, expect_bytes=expect_bytes)["time_total"] / 1e6


def command_for(url: str, headers: Mapping[str, str] | None = None) -> list[str]:
    """Return the command of a download into nothing; the servers of a bench certify themselves."""
    command = ["curl", "--silent", "--show-error", "--output", "/dev/null", "--write-out", "%{json}", url]
    command += ["--insecure", "--tlsv1.3"] if url.startswith("https:") else []
    for name, value in (headers or {}).items():
        command += ["--header", f"{name}: {value}"]
    return command


def seconds(url: str, headers: Mapping[str, str] | None = None, *, expect_bytes: int) -> dict[str, Any]:
    """Return what curl says of a complete download. Raises: RuntimeError when it was not complete, or not a 200."""
    command = command_for(url, headers)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    told = json.loads(done.stdout or "{}")
    if done.returncode or told["http_code"] != 200 or told["size_download"] != expect_bytes:
        raise RuntimeError(f"the download failed: {done.stderr or told}")
    return dict(told)
