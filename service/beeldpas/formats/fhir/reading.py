"""Reading a registry's answer: what can be read is read, what cannot is counted and passed over.

An answer comes from outside: nothing in it is believed about another person, and its addresses are only claims.
*Source:* FHIR R4 Bundle and ImagingStudy; docs/wire.md §2.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from beeldpas.domain.bsn import BSN
from beeldpas.domain.errors import Malformed
from beeldpas.domain.study import Report, Series, Study
from beeldpas.formats.fhir import systems, values
from beeldpas.formats.fhir.text import Resource

_DEPTH = 3
_HIDDEN = frozenset({"cancelled", "entered-in-error"})


@dataclass(frozen=True, slots=True)
class FoundEndpoint:
    """Where somebody claims that images can be fetched, and who is said to keep them (URA)."""

    gateway_id: str
    name: str
    address: str
    custodian: str


@dataclass(frozen=True, slots=True)
class FoundStudy:
    """A study without holdings yet: the endpoints say where it should be, `origin` that its custodian made it."""

    study: Study
    endpoints: tuple[FoundEndpoint, ...]
    origin: bool
    custodian: str


@dataclass(frozen=True, slots=True)
class Found:
    """What an answer holds; `complete` is False when it says that there is more on another page."""

    studies: tuple[FoundStudy, ...]
    unreadable: int
    complete: bool


def read_searchset(bundle: Resource, asked: BSN, today: date) -> Found:
    """Read the answer to a search for one person; studies of anybody else count as unreadable.

    Raises: Malformed("no_searchset") when it is no Bundle at all.
    """
    if bundle.get("resourceType") != "Bundle":
        raise Malformed("no_searchset")
    resources, broken = [], 0
    for full_url, resource in _entries(bundle, _DEPTH):
        if isinstance(resource.get("resourceType"), str):
            resources.append((full_url, resource))
        else:
            broken += 1
    reader = _Reader(_index(resources), asked.reveal(), today)
    reader.gather_reports(resource for _, resource in resources)
    studies = [reader.study(resource) for _, resource in resources if _is_shown(resource)]
    read = tuple(study for study in studies if study is not None)
    more = any(link.get("relation") == "next" for link in values.objects(bundle.get("link")))
    return Found(read, broken + len(studies) - len(read), not more)


def _is_shown(resource: Resource) -> bool:
    return resource["resourceType"] == "ImagingStudy" and values.text(resource.get("status")) not in _HIDDEN


def _entries(bundle: Resource, depth: int) -> Iterator[tuple[str, Resource]]:
    """All resources with their full URLs; a Bundle within a Bundle (one per hospital) is opened."""
    for item in values.items(bundle.get("entry")):
        entry = item if isinstance(item, dict) else {}
        resource = entry.get("resource")
        if not isinstance(resource, dict):
            yield "", {}
        elif resource.get("resourceType") == "Bundle" and depth:
            yield from _entries(resource, depth - 1)
        elif resource.get("resourceType") != "OperationOutcome":
            yield str(entry.get("fullUrl", "")), resource


def _index(resources: list[tuple[str, Resource]]) -> Mapping[str, Resource]:
    """Where references lead: by full URL and by `Type/id`."""
    index: dict[str, Resource] = {}
    for full_url, resource in resources:
        index.setdefault(full_url, resource)
        index.setdefault(f"{resource['resourceType']}/{resource.get('id', '')}", resource)
    return index


@dataclass(frozen=True, slots=True)
class _Reader:
    index: Mapping[str, Resource]
    bsn: str
    today: date
    reports: dict[str, list[Report]] = field(default_factory=lambda: defaultdict(list))

    def gather_reports(self, resources: Iterable[Resource]) -> None:
        """Lay the person's reports beside the studies that they are about."""
        for resource in resources:
            identifier = _report_identifier(resource)
            is_report = resource["resourceType"] == "DiagnosticReport" and identifier
            if not is_report or values.text(resource.get("status")) in _HIDDEN or not self._is_theirs(resource):
                continue
            for study_uid in self._named_studies(resource):
                self.reports[study_uid].append(_report(resource, identifier, study_uid))

    def study(self, resource: Resource) -> FoundStudy | None:
        identifiers = list(values.objects(resource.get("identifier")))
        uid = values.uid(values.identified(identifiers, systems.DICOM_UID))
        if not uid or not self._is_theirs(resource):
            return None
        read = (_series(one) for one in values.objects(resource.get("series")))
        series = tuple(one for one in read if one is not None)
        study = Study(
            uid=uid,
            started=values.day(resource.get("started")),
            modalities=values.modalities(resource.get("modality")) or _modalities_of(series),
            body_part=_first(one.body_part for one in series),
            laterality=_first(one.laterality for one in series),
            description=values.text(resource.get("description")) or values.label(resource.get("procedureCode")),
            accession=_accession(identifiers),
            holdings=(),
            series=series,
            reports=tuple(self.reports.get(uid, ())),
            instances=values.count(resource.get("numberOfInstances")),
        )
        return FoundStudy(study, tuple(self._endpoints(resource)), *_provenance(resource))

    def _is_theirs(self, resource: Resource) -> bool:
        subject = resource.get("subject")
        identifier = subject.get("identifier") if isinstance(subject, dict) else None
        return values.identified(identifier, systems.BSN) == self.bsn

    def _endpoints(self, resource: Resource) -> Iterator[FoundEndpoint]:
        for reference in values.objects(resource.get("endpoint")):
            target = self.index.get(str(reference.get("reference", "")))
            if target is not None and self._is_usable(target):
                owner = target.get("managingOrganization")
                owner = owner if isinstance(owner, dict) else {}
                yield FoundEndpoint(
                    gateway_id=values.text(target.get("id")),
                    name=values.text(target.get("name")) or values.text(owner.get("display")),
                    address=values.text(target.get("address")),
                    custodian=values.identified(owner.get("identifier"), systems.URA),
                )

    def _is_usable(self, target: Resource) -> bool:
        """An endpoint for images that is active, and today within its period."""
        if target.get("resourceType") != "Endpoint" or target.get("status") != "active":
            return False
        kinds = {values.text(coding.get("code")) for coding in values.codings(target.get("connectionType"))}
        period = target.get("period")
        period = period if isinstance(period, dict) else {}
        start = values.day(period.get("start")) or date.min
        end = values.day(period.get("end")) or date.max
        return systems.WADO_RS in kinds and start <= self.today <= end

    def _named_studies(self, report: Resource) -> set[str]:
        """The UIDs of the studies that a report is about, by reference or by identifier."""
        named: list[object] = []
        for reference in values.objects(report.get("imagingStudy") or report.get("study")):
            target = self.index.get(str(reference.get("reference", "")), {})
            named += [*values.objects(target.get("identifier")), *values.objects(reference.get("identifier"))]
        return {values.uid(values.identified(one, systems.DICOM_UID)) for one in named} - {""}


def _provenance(resource: Resource) -> tuple[bool, str]:
    origin, custodian = False, ""
    for extension in values.objects(resource.get("extension")):
        if extension.get("url") == systems.ORIGIN:
            origin = extension.get("valueBoolean") is True
        if extension.get("url") == systems.CUSTODIAN:
            custodian = values.identified(extension.get("valueIdentifier"), systems.URA)
    return origin, custodian


def _series(element: dict[str, Any]) -> Series | None:
    uid = values.uid(element.get("uid"))
    if not uid:
        return None
    return Series(
        uid=uid,
        number=values.count(element.get("number")),
        modality=_first(values.modalities(element.get("modality"))),
        description=values.text(element.get("description")),
        instances=values.count(element.get("numberOfInstances")),
        body_part=values.label(element.get("bodySite")),
        laterality=values.laterality(element.get("laterality")),
    )


def _modalities_of(series: tuple[Series, ...]) -> tuple[str, ...]:
    return tuple(sorted({one.modality for one in series if one.modality}))


def _accession(identifiers: list[dict[str, Any]]) -> str:
    for identifier in identifiers:
        kinds = values.codings(identifier.get("type"))
        if any(coding.get("code") == systems.ACCESSION for coding in kinds):
            return values.text(identifier.get("value"))
    return ""


def _report(resource: Resource, identifier: str, study_uid: str) -> Report:
    return Report(
        identifier=identifier,
        study_uid=study_uid,
        status=values.text(resource.get("status")),
        title=values.label(resource.get("code")),
        issued=values.day(resource.get("issued")) or values.day(resource.get("effectiveDateTime")),
    )


def _report_identifier(resource: Resource) -> str:
    identifiers = list(values.objects(resource.get("identifier")))
    held_in = values.uid(values.identified(identifiers, systems.DICOM_UID))
    return held_in or _first(values.text(one.get("value")) for one in identifiers)


def _first(texts: Iterator[str] | tuple[str, ...]) -> str:
    return next((text for text in texts if text), "")
