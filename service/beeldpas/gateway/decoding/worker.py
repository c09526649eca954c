"""The program that decodes: one job after another from standard input, within limits that it sets on itself.

It knows no network, no store and no database, and gets one file at a time. Whatever goes wrong ends one job, or
this process; the server starts another.
"""

import sys
import warnings

from beeldpas.domain.errors import BeeldpasError
from beeldpas.gateway.decoding import limits
from beeldpas.gateway.decoding.channel import receive, send

_FAILURES = (ArithmeticError, AttributeError, BeeldpasError, LookupError, MemoryError, NotImplementedError, OSError,
             RuntimeError, TypeError, ValueError, EOFError, AssertionError)  # fmt: skip


def main() -> None:
    """Do jobs until the other side has gone."""
    limits.confine()
    warnings.simplefilter("ignore")
    from beeldpas.gateway.decoding.jobs import JOBS  # loads the decoders, within the limits

    while (received := receive(sys.stdin.buffer)) is not None:
        head, content = received
        limits.allow_one_job()
        try:
            made = JOBS[head.pop("job")](content, **head)
            answer = {"state": "done"}
        except _FAILURES as error:
            made, answer = b"", {"state": "failed", "kind": type(error).__name__}
        send(sys.stdout.buffer, answer, made)


if __name__ == "__main__":
    main()
