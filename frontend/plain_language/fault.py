"""A place where a text is harder to read than it may be."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """`where`: a key, or a page as `states.po`; `rule`: its name, as exceptions name it; `what`: what was found."""

    language: str
    where: str
    rule: str
    what: str

    def __str__(self) -> str:
        return f"{self.language}: {self.where}: {self.rule}: {self.what}"
