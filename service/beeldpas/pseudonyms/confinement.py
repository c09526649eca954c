"""The keys stay in this process: no core dump holds them, and no program of the same account reads its memory.

*Source:* prctl(2) PR_SET_DUMPABLE; proc(5): without it, /proc/PID/mem belongs to root.
"""

import ctypes
import resource
import sys

_PR_SET_DUMPABLE = 4


def keep_memory_private() -> None:
    """Ask the system not to show this process's memory. Raises: OSError when it does not agree."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux" and ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")
