"""The check's result: one line per thing that was measured, and whether it held."""

import time
from dataclasses import dataclass, field

from rich.console import Console
from rich.text import Text


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that should hold, the value that was measured, and whether it did."""

    what: str
    measured: str
    held: bool


@dataclass(slots=True)
class Findings:
    """Gathers findings and prints each as it comes."""

    console: Console
    all: list[Finding] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    begun: float = field(default_factory=time.monotonic)

    def chapter(self, title: str) -> None:
        """Begin a group of lines, with the seconds since the start."""
        self.console.print(f"\n[bold]{title}[/bold]  [dim]{time.monotonic() - self.begun:.0f} s[/dim]")

    def expect(self, what: str, held: bool, measured: object = "") -> bool:
        """Note whether something held, with what was measured; returns `held`."""
        self.all.append(Finding(what, str(measured), held))
        line = Text("  ok   " if held else "  FAIL ", style="green" if held else "bold red")
        line.append(what, style="default")
        if str(measured):
            line.append(f"  [{measured}]", style="dim")
        self.console.print(line, soft_wrap=True)
        return held

    def not_run(self, what: str, why: str) -> None:
        """Note something that could not be looked at here, and what would have to be done for it."""
        self.left_out.append(what)
        line = (
            Text("  not run  ", style="bold yellow").append(what, style="default").append(f"\n{why}", style="default")
        )
        self.console.print(line, soft_wrap=True)

    @property
    def failed(self) -> list[Finding]:
        """What did not hold."""
        return [finding for finding in self.all if not finding.held]
