"""Which documents there are of a person, and in which order: every listed study twice, every report once.

Newest study first, each with its reports; reports whose study nobody registered come last.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from beeldpas.formats.fhir import systems, values
from beeldpas.formats.fhir.text import Resource, parse
from beeldpas.formats.manifests import Encoding
from beeldpas.registry.mhd.wanted import Documents, Place
from beeldpas.registry.store.documents import Outline
from beeldpas.registry.store.kept import Kept

_RANKS: dict[Encoding, int] = {"fhir": 2, "kos": 1}
_REPORT = 0


@dataclass(frozen=True, slots=True)
class TellableReport:
    """A report that may be told, without those of its studies that may not."""

    kept: Kept
    resource: Resource
    studies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """One document: a manifest of an entry in one encoding, or a report."""

    place: Place
    encoding: Encoding | None = None
    report: TellableReport | None = None

    @property
    def entry_id(self) -> str:
        """The id of the entry that a manifest is of."""
        return self.place[1]


def tellable(reports: Sequence[Kept], kept_back: frozenset[str]) -> list[TellableReport]:
    """Leave out the studies that are kept back, and the reports that are of nothing else."""
    found = []
    for kept in reports:
        resource = parse(kept.resource.encode())
        named = [one for one in resource["imagingStudy"] if _uid(one) not in kept_back]
        if named:
            told = TellableReport(kept, {**resource, "imagingStudy": named}, tuple(map(_uid, named)))
            found.append(told)
    return found


def documents(wanted: Documents, studies: Sequence[Outline], reports: Sequence[TellableReport]) -> list[Document]:
    """Return all documents that are asked for, on whatever page, in their order."""
    found = []
    newest: dict[str, Outline] = {}
    for study in sorted(studies, key=lambda one: (one.started, one.entry_id)):
        newest[study.key] = study
        if wanted.study_uid in ("", study.key) and study.listed:
            found += [
                Document((study.started.isoformat(), study.entry_id, rank, ""), encoding)
                for encoding, rank in _RANKS.items()
                if encoding in wanted.kinds
            ]
    for report in reports if "report" in wanted.kinds else ():
        if wanted.study_uid in ("", *report.studies):
            found.append(Document(_beside(report, newest), report=report))
    return sorted(found, key=lambda one: one.place, reverse=True)


def unlisted(wanted: Documents, studies: Sequence[Outline]) -> int:
    """Count the studies that have no manifest, since their hospital does not name their instances."""
    if not wanted.kinds & {"fhir", "kos"}:
        return 0
    return sum(not one.listed and wanted.study_uid in ("", one.key) for one in studies)


def page_of(wanted: Documents, found: Sequence[Document]) -> tuple[list[Document], Place | None]:
    """Return the documents of one page, and where the next one begins after, if there is one."""
    after = wanted.after
    rest = [one for one in found if after is None or one.place < after]
    page = rest[: wanted.most]
    return page, page[-1].place if len(rest) > len(page) else None


def _beside(report: TellableReport, newest: dict[str, Outline]) -> Place:
    """The place of a report: with the newest study that it is of."""
    of = [newest[uid] for uid in report.studies if uid in newest]
    if not of:
        return "", "", _REPORT, report.kept.entry_id
    study = max(of, key=lambda one: (one.started, one.entry_id))
    return study.started.isoformat(), study.entry_id, _REPORT, report.kept.entry_id


def _uid(reference: Resource) -> str:
    return values.uid(values.identified([reference["identifier"]], systems.DICOM_UID))
