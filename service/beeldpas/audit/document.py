"""The page of events: each kind, its shape in the standards, its details, and who reads which of its fields."""

from collections.abc import Iterable

from beeldpas.audit.events import CATALOGUE, Kind, Reader, Shape
from beeldpas.audit.standard_codes import codes_by_shape

_NAMES = {
    Reader.PATIENT: "the patient",
    Reader.HELPDESK: "the helpdesk",
    Reader.HOSPITAL: "the hospital, of its own rows",
    Reader.SECURITY: "the security officer",
}
_TOP = """# What is in the access log

Every program keeps a log of its own: the portal, the registry and each gateway. A row is written in the transaction
of what it tells of: what cannot be written down does not happen. Below is each kind of event, with its details and
with who may read which of them; a field that a reader is not given does not leave the database for that reader. How
rows are handed on in the forms of standards: [operations.md](operations.md).

This page is made from `service/beeldpas/audit/events.py`; do not change it by hand:
`python -m beeldpas.audit.document > docs/log.md`.

What hospitals serve is told in few lines. An archive that is downloaded has one row when it begins and one when it
ends. What a viewer asks for, piece by piece or in many small requests, is one row for each grant, selection of
studies and minute. Before the first byte leaves, the row of its use is on disk.
"""


def document() -> str:
    """Return the page."""
    return "\n".join([_TOP, *_fields(), *_shapes(), *_kinds()])


def _fields() -> Iterable[str]:
    yield "## Fields that every reader gets of every kind that they read"
    yield ""
    yield "| reader | fields |"
    yield "|---|---|"
    for reader, name in _NAMES.items():
        yield f"| {name} | {_listed(_everywhere(reader))} |"
    yield ""


def _shapes() -> Iterable[str]:
    yield "## Shapes"
    yield ""
    yield "| shape | EventID | EventTypeCode | action |"
    yield "|---|---|---|---|"
    for shape in Shape:
        codes = codes_by_shape(shape)
        types = ", ".join(f"{code.value} {code.meaning}" for code in codes.types)
        yield f"| {shape} | {codes.event.value} {codes.event.meaning} | {types} | {codes.action} |"
    yield ""


def _kinds() -> Iterable[str]:
    yield "## Kinds"
    yield ""
    yield "What each reader gets of an event besides; – is nothing at all of this kind."
    yield ""
    yield f"| kind | shape | details | {' | '.join(_NAMES.values())} |"
    yield f"|---|---|---|{'---|' * len(_NAMES)}"
    for name, kind in sorted(CATALOGUE.items()):
        yield f"| `{name}` | {kind.shape} | {_listed(kind.details)} | {' | '.join(_read(kind))} |"
    yield ""


def _read(kind: Kind) -> Iterable[str]:
    for reader in _NAMES:
        fields = kind.readable[reader]
        besides = _listed(fields - _everywhere(reader)) or "nothing besides"
        yield besides if fields else "–"


def _everywhere(reader: Reader) -> frozenset[str]:
    """The fields that this reader gets of every kind of which they get anything."""
    given = [kind.readable[reader] for kind in CATALOGUE.values() if kind.readable[reader]]
    return frozenset.intersection(*given)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names))


if __name__ == "__main__":
    print(document(), end="")  # noqa: T201
