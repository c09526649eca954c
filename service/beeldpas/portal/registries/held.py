"""What a hospital says that it holds: the claims of a preview, read strictly, since the hospital signed them.

*Source:* docs/wire.md §3.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from beeldpas.domain.errors import Malformed
from beeldpas.domain.uid import is_uid
from beeldpas.formats.fhir.values import text

ReportKind = Literal["pdf", "sr"]


@dataclass(frozen=True, slots=True)
class SeriesPreview:
    """One series: `instances` files of together `size_bytes` bytes; None where the hospital's PACS has it still."""

    uid: str
    number: int | None
    modality: str
    description: str
    instances: int | None
    size_bytes: int | None


@dataclass(frozen=True, slots=True)
class ReportPreview:
    """A report that leaves with the study. `is_replaced`: a newer version leaves too.

    `series_uid` is empty where the hospital does not say in which series it lies.
    """

    kind: ReportKind
    title: str
    sop_uid: str
    size_bytes: int
    is_replaced: bool = False
    series_uid: str = ""


@dataclass(frozen=True, slots=True)
class StudyChanges:
    """How many instances came, went or were corrected since the patient confirmed, and how many reports are new."""

    added: int
    withdrawn: int
    corrected: int
    amended: int

    def __bool__(self) -> bool:
        return any((self.added, self.withdrawn, self.corrected, self.amended))


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the images say they are of, as it stands in them."""

    name: str
    birth_date: date | None
    sex: str
    patient_id: str
    patient_id_issuer: str


@dataclass(frozen=True, slots=True)
class StudyPreview:
    """Exactly what leaves when this study is shared; `changed` when it was asked with what had been confirmed."""

    uid: str
    instances: int | None
    size_bytes: int | None
    series: tuple[SeriesPreview, ...]
    reports: tuple[ReportPreview, ...]
    identity: Identity
    changed: StudyChanges | None = None
    is_remote: bool = False


@dataclass(frozen=True, slots=True)
class GatewayPreview:
    """A hospital's answer; `missing` holds what was asked for and is not there, or not to be seen."""

    studies: tuple[StudyPreview, ...]
    missing: frozenset[str]
    generation: int


def total_size(studies: Iterable[StudyPreview]) -> int | None:
    """Return how many bytes these studies have together; None when that is not known of one of them."""
    sizes = [study.size_bytes for study in studies]
    return None if None in sizes else sum(size for size in sizes if size)


def read_preview(claims: Mapping[str, Any], asked: frozenset[str]) -> GatewayPreview:
    """Read a preview's claims; what was not asked for is passed over, what is not mentioned counts as missing.

    Raises: Malformed("preview").
    """
    try:
        told = {uid: one for one in claims["studies"] if (uid := _uid(one)) in asked}
        studies = tuple(_study(told[uid]) for uid in sorted(told))
        return GatewayPreview(studies, asked - told.keys(), _count(claims["generation"]))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Malformed("preview") from error


def _study(element: Mapping[str, Any]) -> StudyPreview:
    is_remote = element.get("state") == "remote"
    return StudyPreview(
        uid=_uid(element),
        instances=_count_if_known(element["instances"], is_remote),
        size_bytes=_count_if_known(element["size_bytes"], is_remote),
        series=tuple(_series(one, is_remote) for one in element["series"]),
        reports=tuple(_report(one) for one in element["reports"]),
        identity=_identity(element["identity"]),
        changed=_changed(element["changed"]) if "changed" in element else None,
        is_remote=is_remote,
    )


def _changed(element: Mapping[str, Any]) -> StudyChanges:
    return StudyChanges(
        added=_count(element["added"]),
        withdrawn=_count(element["withdrawn"]),
        corrected=_count(element["corrected"]),
        amended=_count(element["amended"]),
    )


def _series(element: Mapping[str, Any], is_remote: bool) -> SeriesPreview:
    number = element.get("number")
    return SeriesPreview(
        uid=_uid(element),
        number=number if type(number) is int else None,
        modality=text(element["modality"]),
        description=text(element["description"]),
        instances=_count_if_known(element["instances"], is_remote),
        size_bytes=_count_if_known(element["size_bytes"], is_remote),
    )


def _report(element: Mapping[str, Any]) -> ReportPreview:
    kind = element["kind"]
    if kind not in ("pdf", "sr"):
        raise ValueError("a report is a PDF or a structured report")
    return ReportPreview(
        kind,
        text(element["title"]),
        _uid(element, "sop_uid"),
        _count(element["size_bytes"]),
        is_replaced=element.get("replaced_by") is not None,
        series_uid=_uid(element, "series_uid") if "series_uid" in element else "",
    )


def _identity(element: Mapping[str, Any]) -> Identity:
    born = element.get("birth_date")
    return Identity(
        name=text(element.get("name")),
        birth_date=date.fromisoformat(born) if born else None,
        sex=text(element.get("sex")),
        patient_id=text(element.get("patient_id")),
        patient_id_issuer=text(element.get("patient_id_issuer")),
    )


def _uid(element: Mapping[str, Any], name: str = "uid") -> str:
    uid = element[name]
    if not isinstance(uid, str) or not is_uid(uid):
        raise ValueError("no UID")
    return uid


def _count_if_known(value: object, is_remote: bool) -> int | None:
    """Only of what it has still to fetch a hospital may not know how much it is."""
    return None if value is None and is_remote else _count(value)


def _count(value: object) -> int:
    if type(value) is not int or value < 0:
        raise ValueError("no count")
    return value
