"""What an index says of documents about images: manifests, each perhaps in two encodings, and reports.

An index (MHD or XDS) knows a document by its envelope; the manifest itself knows the series and where they are. Twins
are two encodings of one manifest: either tells all, and both together are one study.
*Source:* IHE RAD MADO §6.X.6 (envelope, `transforms`); Nictiz BBS (IMAGES and REPORTS); IHE RAD TF-1 XDS-I.b.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from beeldpas.domain.errors import Malformed
from beeldpas.domain.study import Accession, DateGiven
from beeldpas.formats.found import FoundPlace, FoundReport, FoundStudy

Encoding = Literal["fhir", "kos"]


@dataclass(frozen=True, slots=True)
class Manifest:
    """A manifest's envelope. `at` is where it can be fetched; `twin_of` names the manifests that say the same.

    Of XDS only: `repository` (unique id) and `home` (community) are what it is fetched by.
    """

    identifier: str
    encoding: Encoding
    at: str
    study_uid: str
    accessions: tuple[Accession, ...] = ()
    day: date | None = None
    modalities: tuple[str, ...] = ()
    body_part: str = ""
    title: str = ""
    custodian: str = ""
    custodian_name: str = ""
    twin_of: tuple[str, ...] = ()
    repository: str = ""
    home: str = ""


@dataclass(frozen=True, slots=True)
class Listed:
    """What an index lists of one person; the counts as in `Found`."""

    manifests: tuple[Manifest, ...] = ()
    reports: tuple[FoundReport, ...] = ()
    unreadable: int = 0
    complete: bool = True
    warnings: int = 0
    failed: tuple[str, ...] = ()


def twins(manifests: Iterable[Manifest]) -> list[list[Manifest]]:
    """Group the manifests that say the same; in each group FHIR first, which takes the least to read."""
    groups: list[list[Manifest]] = []
    for one in manifests:
        names = {one.identifier, *one.twin_of}
        same = [group for group in groups if any(names & {other.identifier, *other.twin_of} for other in group)]
        groups = [group for group in groups if not any(group is other for other in same)]
        groups.append([one, *(other for group in same for other in group)])
    return [sorted(group, key=lambda one: (one.encoding != "fhir", one.at)) for group in groups]


def completed(found: FoundStudy, envelope: Manifest) -> FoundStudy:
    """Return what a manifest and its envelope tell together; the manifest, which knows more, goes first.

    Raises: Malformed("another_study") when the envelope is of another study than the manifest.
    """
    study = found.study
    if envelope.study_uid not in ("", study.uid):
        raise Malformed("another_study")
    custodian = envelope.custodian or found.custodian
    known = {one.issuer for one in study.accessions}
    more = tuple(one for one in envelope.accessions if not (one.issuer == "" and known))
    return replace(
        found,
        study=replace(
            study,
            dates=study.dates or ((DateGiven(envelope.day),) if envelope.day else ()),
            modalities=study.modalities or envelope.modalities,
            body_part=study.body_part or envelope.body_part,
            description=study.description or envelope.title,
            accessions=tuple(sorted({*study.accessions, *more})),
        ),
        places=tuple(_place(one, envelope, custodian) for one in found.places),
        custodian=custodian,
    )


def _place(place: FoundPlace, envelope: Manifest, custodian: str) -> FoundPlace:
    name = envelope.custodian_name or place.name
    return replace(place, custodian=place.custodian or custodian, name=name)
