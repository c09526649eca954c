"""Asks the program in this container whether it can work; exit 0 when it says so.

HEALTH_URL says where, when that is not the usual place. A certificate is not checked: it names a host, not loopback.
"""

import os
import ssl
import sys
from urllib.request import urlopen

ADDRESS = os.environ.get("HEALTH_URL", "http://127.0.0.1:8000/health/ready")
SECONDS = 2.0

if __name__ == "__main__":
    try:
        with urlopen(ADDRESS, timeout=SECONDS, context=ssl._create_unverified_context()) as answer:  # noqa: S310, S323
            sys.exit(0 if answer.status == 200 else 1)
    except OSError as error:
        sys.exit(f"not ready: {type(error).__name__}")
