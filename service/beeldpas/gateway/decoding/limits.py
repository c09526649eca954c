"""How much a decoder may use. What is larger is refused before a decoder sees it; what uses more is ended.

Set by the decoding process itself, before it looks at the first byte of a job.
"""

import resource
import time

MEMORY_BYTES = 2 * 1024**3
MOST_DECODED_BYTES = 256 * 1024**2
MOST_FILE_BYTES = 256 * 1024**2
CPU_SECONDS = 30
WALL_SECONDS = 45.0
LONGEST_SIDE = 65_535
_FILES = 64


def confine() -> None:
    """Bind this process for good: memory, no files written, few opened, no core dump."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (_FILES, _FILES))


def allow_one_job() -> None:
    """Give the next job its seconds; a process that uses more is ended by the kernel."""
    used = int(time.process_time()) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (used + CPU_SECONDS, resource.RLIM_INFINITY))
