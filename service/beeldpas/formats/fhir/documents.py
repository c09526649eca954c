"""Reading what a document index answers: DocumentReferences of manifests and of reports; others are passed over.

*Source:* IHE ITI MHD (ITI-67); IHE RAD MADO, MadoFhirDocumentReference and MadoDicomKosDocumentReference; Nictiz BBS.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from beeldpas.domain.bsn import BSN
from beeldpas.domain.study import Report
from beeldpas.formats.fhir import systems, values
from beeldpas.formats.fhir.opening import Opened, open_bundles
from beeldpas.formats.fhir.reading import Reader, believable, readable_from
from beeldpas.formats.fhir.text import Resource
from beeldpas.formats.found import FoundReport
from beeldpas.formats.mado import KEY_OBJECT
from beeldpas.formats.manifests import Encoding, Listed, Manifest

_FHIR_MANIFEST = "urn:ihe:rad:MADO:fhir-manifest"
_REPORT_CATEGORY = "REPORTS"
_REPORT_TYPES = frozenset({"85430-7", "18748-4", "722124004"})
_STATUS = {"preliminary": "preliminary", "final": "final", "amended": "amended"}
_WITHDRAWN = "entered-in-error"


def read_documents(pages: Sequence[Resource], asked: BSN, today: date, *, complete: bool = True) -> Listed:
    """Read the answer to a question about one person's documents; anybody else's count as unreadable.

    Raises: Malformed("no_searchset") when a page is no Bundle at all.
    """
    opened = open_bundles(pages)
    reader = _Reader(opened, asked.reveal(), today)
    manifests: list[Manifest] = []
    reports: list[FoundReport] = []
    unreadable = opened.broken
    for resource in opened.of_kind("DocumentReference"):
        encodings = list(_encodings(resource))
        is_report = not encodings and _is_report(resource)
        if not _is_shown(resource) or not (encodings or is_report):
            continue
        if not reader.is_theirs(resource):
            unreadable += 1
        elif is_report:
            report = reader.report(resource)
            reports += [report] if report else []
            unreadable += report is None
        else:
            manifests += [reader.manifest(resource, encoding, at) for encoding, at in encodings]
    return Listed(tuple(manifests), tuple(reports), unreadable, complete, opened.warnings)


@dataclass(frozen=True, slots=True)
class _Reader:
    opened: Opened
    bsn: str
    today: date

    def is_theirs(self, resource: Resource) -> bool:
        return Reader(self.opened, self.bsn, self.today).whose(resource) == self.bsn

    def manifest(self, resource: Resource, encoding: Encoding, at: str) -> Manifest:
        custodian, name = self._custodian(resource)
        related = _related(resource)
        extensions = list(values.objects(resource.get("extension")))
        return Manifest(
            identifier=document_name(resource) or f"{encoding} at {at}",
            encoding=encoding,
            at=at,
            study_uid=values.uid(values.identified(related, systems.DICOM_UID)),
            accessions=tuple(sorted({values.accession(one) for one in related if values.is_accession(one)})),
            day=believable(values.day(_context(resource).get("period", {}).get("start")), self.today),
            modalities=_modalities(resource, extensions),
            body_part=_body_part(extensions),
            title=values.text(resource.get("description")),
            custodian=custodian,
            custodian_name=name,
            twin_of=tuple(sorted(self._names(resource, "transforms"))),
        )

    def report(self, resource: Resource) -> FoundReport | None:
        """Return the report; None for one without a name of its own."""
        identifier, related = document_name(resource), _related(resource)
        if not identifier:
            return None
        custodian, name = self._custodian(resource)
        content = next(values.objects(resource.get("content")), {})
        attachment = content.get("attachment") if isinstance(content.get("attachment"), dict) else {}
        made = values.day(attachment.get("creation")) if isinstance(attachment, dict) else None
        studies = {values.uid(value) for value in _identified(related, systems.DICOM_UID)} - {""}
        report = Report(
            identifier=identifier,
            studies=tuple(sorted(studies)),
            status=_STATUS.get(values.text(resource.get("docStatus")), ""),
            title=values.text(resource.get("description")) or values.label(resource.get("type")),
            issued=believable(made or values.day(resource.get("date")), self.today),
            accessions=tuple(sorted({values.accession(one) for one in related if values.is_accession(one)})),
            replaces=tuple(sorted(self._names(resource, "replaces"))),
            hospitals=(name,) if name else (),
            readable_from=readable_from(resource),
        )
        return FoundReport(report, custodian)

    def _names(self, resource: Resource, code: str) -> set[str]:
        """The names of the documents to which this one relates in a certain way."""
        found = set[str]()
        for relation in values.objects(resource.get("relatesTo")):
            target = relation.get("target")
            if relation.get("code") == code and isinstance(target, dict):
                by_identifier = {"masterIdentifier": target.get("identifier")}
                found |= {document_name(self.opened.target(resource, target)), document_name(by_identifier)}
        return found - {""}

    def _custodian(self, resource: Resource) -> tuple[str, str]:
        """The URA and name of the organisation that made the document, or else keeps it."""
        for reference in (*values.objects(resource.get("author")), *values.objects(resource.get("custodian"))):
            target = self.opened.target(resource, reference)
            ura = values.identified(reference.get("identifier"), systems.URA)
            ura = ura or values.identified(target.get("identifier"), systems.URA)
            if ura:
                return ura, values.text(target.get("name")) or values.text(reference.get("display"))
        return "", ""


def document_name(resource: Resource) -> str:
    """The one name of a document: an OID bare, anything else together with whose name it is; "" when it has none."""
    named = [*values.objects(resource.get("masterIdentifier")), *values.objects(resource.get("identifier"))]
    for one in named:
        system, value = values.text(one.get("system")), values.text(one.get("value"))
        if value and (uid := values.uid(value)):
            return uid
        if system and value:
            return f"{system}|{value}"
    return ""


def _is_shown(resource: Resource) -> bool:
    return values.text(resource.get("status")) == "current" and values.text(resource.get("docStatus")) != _WITHDRAWN


def _encodings(resource: Resource) -> Iterator[tuple[Encoding, str]]:
    """How and where the manifest can be had that a DocumentReference is of; nothing for another kind of document."""
    for content in values.objects(resource.get("content")):
        codes = [values.text(one.get("code")) for one in values.codings(content.get("format"))]
        attachment = content.get("attachment")
        at = values.address(attachment.get("url")) if isinstance(attachment, dict) else ""
        if any(code.startswith(_FHIR_MANIFEST) for code in codes):
            yield "fhir", at
        elif any(values.uid(code.partition("^")[0]) == KEY_OBJECT for code in codes):
            yield "kos", at


def _is_report(resource: Resource) -> bool:
    kinds = {values.text(one.get("code")) for one in values.codings(resource.get("category"))}
    types = {values.text(one.get("code")) for one in values.codings(resource.get("type"))}
    return _REPORT_CATEGORY in kinds or bool(types & _REPORT_TYPES)


def _context(resource: Resource) -> dict[str, Any]:
    context = resource.get("context")
    context = context if isinstance(context, dict) else {}
    return context if isinstance(context.get("period", {}), dict) else {**context, "period": {}}


def _related(resource: Resource) -> list[dict[str, Any]]:
    """The identifiers of what a document is about."""
    return [
        identifier
        for reference in values.objects(_context(resource).get("related"))
        for identifier in values.objects(reference.get("identifier"))
    ]


def _identified(identifiers: list[dict[str, Any]], system: str) -> Iterator[object]:
    return (one.get("value") for one in identifiers if one.get("system") == system)


def _modalities(resource: Resource, extensions: list[dict[str, Any]]) -> tuple[str, ...]:
    """From MADO's extension, or among the events as the Dutch profile has it."""
    told = [one.get("valueCodeableConcept") for one in extensions if "modality" in str(one.get("url", "")).lower()]
    events = [
        one
        for concept in values.objects(_context(resource).get("event"))
        for one in values.codings(concept)
        if one.get("system") == systems.DCM
    ]
    return tuple(sorted({code for one in (*told, *events) for code in values.modalities(one)}))


def _body_part(extensions: list[dict[str, Any]]) -> str:
    for one in extensions:
        if "bodysite" in str(one.get("url", "")).lower():
            inner = [each.get("valueCodeableConcept") for each in values.objects(one.get("extension"))]
            return next(
                (label for each in (one.get("valueCodeableConcept"), *inner) if (label := values.label(each))), ""
            )
    return ""
