"""Reading a registry's answer: what can be read is read, what cannot is counted and passed over.

An answer comes from outside: nothing in it is believed about another person, and its addresses are only claims.
R4 is read, and the R5 shapes that Dutch samples carry under an R4 label.
*Source:* FHIR R4 Bundle, ImagingStudy, DiagnosticReport; FHIR R5 ImagingStudy, Endpoint; docs/wire.md §2.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from beeldpas.domain.bsn import BSN
from beeldpas.domain.study import Accession, DateGiven, Report, Series, Study
from beeldpas.formats.fhir import systems, values
from beeldpas.formats.fhir.endpoints import is_for_images, is_in_force, place_of
from beeldpas.formats.fhir.opening import Opened, open_bundles
from beeldpas.formats.fhir.text import Resource
from beeldpas.formats.fingerprints import Fingerprints, is_fingerprint
from beeldpas.formats.found import Found, FoundPlace, FoundReport, FoundStudy

_HIDDEN = frozenset({"cancelled", "entered-in-error"})


def read_searchset(pages: Sequence[Resource], asked: BSN, today: date, *, complete: bool = True) -> Found:
    """Read the pages of the answer to a search for one person; studies of anybody else count as unreadable.

    Raises: Malformed("no_searchset") when a page is no Bundle at all.
    """
    opened = open_bundles(pages)
    reader = Reader(opened, asked.reveal(), today)
    studies = [reader.study(one) for one in opened.of_kind("ImagingStudy") if _is_shown(one)]
    reports = [reader.report(one) for one in opened.of_kind("DiagnosticReport") if _is_shown(one)]
    return Found(
        studies=tuple(one for one in studies if one is not None),
        reports=tuple(one for one in reports if one is not None),
        unreadable=opened.broken + studies.count(None) + reports.count(None),
        complete=complete,
        warnings=opened.warnings,
    )


def believable(told: date | None, today: date) -> date | None:
    """A day that can be the day of an examination; one in the future is unknown (a day more for time zones)."""
    return told if told and told <= today + timedelta(days=1) else None


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads the resources of one answer to a question about one person, by BSN."""

    opened: Opened
    bsn: str
    today: date

    def study(self, resource: Resource) -> FoundStudy | None:
        """Return the study that an ImagingStudy tells of; None without a UID or when it is another person's."""
        return self.read_study(resource) if self.whose(resource) == self.bsn else None

    def read_study(self, resource: Resource) -> FoundStudy | None:
        """Return the study, whosever it is; None without a UID."""
        uid = values.uid(values.identified(resource.get("identifier"), systems.DICOM_UID))
        if not uid:
            return None
        read = (_series(one) for one in values.objects(resource.get("series")))
        series = tuple(one for one in read if one is not None)
        day = believable(values.day(resource.get("started")), self.today)
        study = Study(
            uid=uid,
            dates=(DateGiven(day),) if day else (),
            modalities=values.modalities(resource.get("modality")) or _modalities_of(series),
            body_part=_first(one.body_part for one in series),
            laterality=_first(one.laterality for one in series),
            description=values.text(resource.get("description")) or values.label(_procedure(resource)),
            accessions=self.accessions(resource),
            holdings=(),
            series=series,
            reports=(),
            instances=values.count(resource.get("numberOfInstances")),
        )
        return FoundStudy(
            study,
            tuple(self._places(resource)),
            *_provenance(resource),
            _withheld_from(resource),
            _fingerprints(resource),
        )

    def report(self, resource: Resource) -> FoundReport | None:
        """Return the report that a DiagnosticReport tells of; None without a name or when it is another person's."""
        identifier = _report_identifier(resource)
        if not identifier or self.whose(resource) != self.bsn:
            return None
        issued = values.day(resource.get("issued")) or values.day(resource.get("effectiveDateTime"))
        performers = list(values.objects(resource.get("performer")))
        names = {name for one in performers if (name := values.text(one.get("display")))}
        uras = (values.identified(one.get("identifier"), systems.URA) for one in performers)
        report = Report(
            identifier=identifier,
            studies=tuple(sorted(self._named_studies(resource))),
            status=values.text(resource.get("status")),
            title=values.label(resource.get("code")),
            issued=believable(issued, self.today),
            accessions=self.accessions(resource),
            replaces=tuple(sorted(self._replaced(resource))),
            hospitals=tuple(sorted(names)),
            readable_from=readable_from(resource),
        )
        return FoundReport(report, _first(uras), _withheld_from(resource))

    def whose(self, resource: Resource) -> str:
        """The BSN of the subject: by identifier, or by a Patient that came along; "" where none is told."""
        subject = resource.get("subject")
        subject = subject if isinstance(subject, dict) else {}
        patient = self.opened.target(resource, subject)
        patient = patient if patient.get("resourceType") == "Patient" else {}
        told = values.identified(subject.get("identifier"), systems.BSN)
        return told or values.identified(patient.get("identifier"), systems.BSN)

    def _places(self, resource: Resource) -> Iterator[FoundPlace]:
        places = set[FoundPlace]()
        for element in (resource, *values.objects(resource.get("series"))):
            for reference in values.objects(element.get("endpoint")):
                target = self.opened.target(resource, reference)
                if is_for_images(target) and is_in_force(target, self.today):
                    places.add(place_of(target))
        yield from sorted(places, key=repr)

    def accessions(self, resource: Resource) -> tuple[Accession, ...]:
        """The order numbers, with who gave them out where that is said: among the identifiers or by the order."""
        orders = list(values.objects(resource.get("basedOn")))
        targets = [self.opened.target(resource, order) for order in orders]
        own = [*values.objects(resource.get("identifier"))]
        of_orders = [one for order in (*orders, *targets) for one in values.objects(order.get("identifier"))]
        return tuple(sorted({values.accession(one) for one in (*own, *of_orders) if values.is_accession(one)}))

    def _named_studies(self, report: Resource) -> set[str]:
        """The UIDs of the studies that a report is about, by reference or by identifier."""
        named: list[object] = []
        for reference in values.objects(report.get("imagingStudy") or report.get("study")):
            target = self.opened.target(report, reference)
            named += [*values.objects(target.get("identifier")), *values.objects(reference.get("identifier"))]
        return {values.uid(values.identified(one, systems.DICOM_UID)) for one in named} - {""}

    def _replaced(self, report: Resource) -> set[str]:
        """The names of the reports that this one takes the place of."""
        found = set[str]()
        for extension in values.objects(report.get("extension")):
            earlier = extension.get("valueReference")
            if extension.get("url") == systems.REPLACES and isinstance(earlier, dict):
                by_name = {"identifier": earlier.get("identifier")}
                found |= {_report_identifier(self.opened.target(report, earlier)), _report_identifier(by_name)}
        return found - {""}


def _withheld_from(resource: Resource) -> frozenset[str]:
    meta = resource.get("meta")
    labels = values.objects(meta.get("security")) if isinstance(meta, dict) else ()
    told = {values.text(one.get("code")) for one in labels if one.get("system") == systems.WITHHELD_FROM}
    return systems.WITHHELD & told


def _fingerprints(study: Resource) -> Fingerprints:
    """What the hospital says of whose it is; what is no fingerprint says nothing."""
    told = {
        str(one.get("url")): values.text(one.get("valueString")) for one in values.objects(study.get("extension"))
    }
    prints = (told.get(url, "") for url in (systems.BIRTH_DATE_PRINT, systems.SEX_PRINT))
    return Fingerprints(*(one if is_fingerprint(one) else "" for one in prints))


def readable_from(report: Resource) -> date | None:
    """The end of an embargo; of two that are told, the last."""
    told = (one for one in values.objects(report.get("extension")) if one.get("url") == systems.READABLE_FROM)
    return max((day for one in told if (day := values.day(one.get("valueDate")))), default=None)


def _is_shown(resource: Resource) -> bool:
    return values.text(resource.get("status")) not in _HIDDEN


def _procedure(resource: Resource) -> object:
    return resource.get("procedureCode") or resource.get("procedure")


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


def _report_identifier(resource: Resource) -> str:
    """The instance that holds it, or a number together with whose number it is; one number alone names nothing."""
    identifiers = list(values.objects(resource.get("identifier")))
    if held_in := values.uid(values.identified(identifiers, systems.DICOM_UID)):
        return held_in
    named = ((values.text(one.get("system")), values.text(one.get("value"))) for one in identifiers)
    return _first(values.uid(value) or f"{system}|{value}" for system, value in named if system and value)


def _first(texts: Iterator[str] | tuple[str, ...]) -> str:
    return next((text for text in texts if text), "")
