"""Starts the demo's programs, waits until they answer, and stops every one of them again.

Each program leads its own process group, so that Ctrl-C reaches the launcher alone and stopping a program stops what
it started. What a program prints goes to its own log file.
"""

import itertools
import os
import random
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self

_POLL_SECONDS: Final = 0.05
_GOODBYE_SECONDS: Final = 6.0
_OUR_PORTS: Final = range(24_000, 32_000)
_ENDINGS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class ProcessFailed(RuntimeError):
    """A program ended when it should run, or did not get ready in time; the message shows the end of its log."""


@dataclass(frozen=True, slots=True)
class Child:
    """A running program; `port` (or a socket's path) is where it must answer to count as ready."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path
    port: int | Path


class Processes:
    """The running programs of one demo; leaving the block stops them all."""

    def __init__(self, logs: Path) -> None:
        self._logs = logs
        self._children: list[Child] = []
        logs.mkdir(parents=True, exist_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop_all()

    @property
    def pids(self) -> dict[str, int]:
        """The process ids by name."""
        return {child.name: child.process.pid for child in self._children}

    def start(
        self, name: str, command: Sequence[str], port: int | Path, environment: Mapping[str, str] | None = None
    ) -> Child:
        """Start a program; returns at once, `wait_ready` waits for it."""
        log = self._logs / f"{name}.log"
        with log.open("ab") as output:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, **(environment or {})},
                start_new_session=True,
            )
        child = Child(name, process, log, port)
        self._children.append(child)
        return child

    def run(self, name: str, command: Sequence[str], environment: Mapping[str, str] | None = None) -> None:
        """Run a program to its end. Raises: ProcessFailed when it does not end well."""
        self.finish(self.start(name, command, 0, environment))

    def finish(self, child: Child) -> None:
        """Wait for a program that ends by itself. Raises: ProcessFailed when it does not end well."""
        code = child.process.wait()
        self._children.remove(child)
        if code != 0:
            raise ProcessFailed(f"{child.name} ended with {code}:\n{_tail(child.log)}")

    def wait_ready(self, child: Child, seconds: float = 60.0) -> None:
        """Wait until a program answers on its port. Raises: ProcessFailed."""
        end = time.monotonic() + seconds
        while not _answers(child.port):
            if child.process.poll() is not None:
                raise ProcessFailed(f"{child.name} ended with {child.process.returncode}:\n{_tail(child.log)}")
            if time.monotonic() > end:
                raise ProcessFailed(f"{child.name} was not ready after {seconds:.0f} s:\n{_tail(child.log)}")
            time.sleep(_POLL_SECONDS)

    def first_ended(self) -> Child | None:
        """Return a program that has ended by itself, if there is one."""
        return next((child for child in self._children if child.process.poll() is not None), None)

    def stop(self, child: Child) -> None:
        """Stop one program and what it started."""
        _signal_group(child, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            child.process.wait(_GOODBYE_SECONDS)
        _signal_group(child, signal.SIGKILL)
        child.process.wait()
        self._children.remove(child)

    def stop_all(self) -> None:
        """Stop every program, the last started first; none is left afterwards, however often Ctrl-C is pressed."""
        with _undisturbed():
            for child in reversed(self._children):
                _signal_group(child, signal.SIGTERM)
            for child in reversed(self._children.copy()):
                self.stop(child)


@contextmanager
def _undisturbed() -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {ending: signal.signal(ending, signal.SIG_IGN) for ending in _ENDINGS}
    try:
        yield
    finally:
        for ending, handler in before.items():
            signal.signal(ending, handler)


def free_ports(count: int) -> list[int]:
    """Return ports on the loopback address that nobody listens on, all different.

    They lie below those that the system gives to outgoing connections by itself, any of which could take a port
    between this look and the start of the server that it is for.
    """
    shuffled = random.SystemRandom().sample(_OUR_PORTS, k=len(_OUR_PORTS))
    found = list(itertools.islice(filter(_is_free, shuffled), count))
    if len(found) < count:
        raise ProcessFailed(f"fewer than {count} ports are free between {_OUR_PORTS.start} and {_OUR_PORTS.stop}")
    return found


def _is_free(port: int) -> bool:
    with socket.socket() as listener, suppress(OSError):
        listener.bind(("127.0.0.1", port))
        return True
    return False


def taken_ports(ports: Sequence[int]) -> list[int]:
    """Return those ports on which somebody listens already."""
    return [port for port in ports if _answers(port)]


def _answers(port: int | Path) -> bool:
    if isinstance(port, Path):
        with suppress(OSError), socket.socket(socket.AF_UNIX) as visitor:
            visitor.settimeout(0.2)
            visitor.connect(str(port))
            return True
        return False
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=0.2):
        return True
    return False


def _signal_group(child: Child, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(child.process.pid, number)


def _tail(log: Path, lines: int = 20) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
