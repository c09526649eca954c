"""How far a command is, for who waits at a terminal; without one, a line now and then."""

import sys

import typer

_EVERY = 10_000


class Line:
    """One line that is written over; ends when the command has something else to say."""

    def __init__(self, words: str) -> None:
        self._words = words
        self._is_terminal = sys.stderr.isatty()
        self._shown = 0

    def __call__(self, done: int) -> None:
        """Say how far it is."""
        if self._is_terminal:
            typer.echo(f"\r{done:,} {self._words}", err=True, nl=False)
        elif done // _EVERY > self._shown // _EVERY:
            typer.echo(f"{done:,} {self._words}", err=True)
        self._shown = done

    def end(self) -> None:
        """Leave the line."""
        if self._is_terminal and self._shown:
            typer.echo(err=True)
