"""Reading what a Document Registry lists: manifests and reports; documents of other kinds are passed over.

*Source:* IHE ITI TF-3 §4.2.3 (metadata, and the UUIDs of their schemes), §4.2.4 (success, partial success, errors).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from beeldpas.domain.bsn import BSN
from beeldpas.domain.errors import Unavailable
from beeldpas.domain.study import Accession, Report
from beeldpas.domain.uid import is_uid
from beeldpas.formats.fhir import values
from beeldpas.formats.fhir.reading import believable
from beeldpas.formats.found import FoundReport
from beeldpas.formats.manifests import Listed, Manifest
from beeldpas.formats.sound_xml import Element, text
from beeldpas.formats.xds.query import APPROVED, QUERY, RIM, RS, patient_id
from beeldpas.formats.xds.soap import content_of

_PATIENT = "urn:uuid:58a6f841-87b3-4a3e-92fd-a8ffeff98427"
_UNIQUE = "urn:uuid:2e82c1f6-a085-4c72-9da3-8640a32e42ab"
_FORMAT = "urn:uuid:a09d5840-386c-46f2-b5ad-9c3699a4309d"
_TYPE = "urn:uuid:f0306f51-975f-434e-a61c-c59651d33983"
_EVENT = "urn:uuid:2c6b8cb7-8b2a-4051-b291-b1ae6a575ef4"
_AUTHOR = "urn:uuid:93606bcf-9494-43ec-9b4e-a7748d1a838d"
_KEY_OBJECT = "1.2.840.10008.5.1.4.1.1.88.59"
_MODALITIES = frozenset({"DCM", "1.2.840.10008.2.16.4"})
_REPORTS = frozenset({"722124004", "18748-4", "85430-7"})
_STUDY, _ACCESSION = "urn:ihe:iti:xds:2016:studyInstanceUID", "urn:ihe:iti:xds:2013:accession"
_SUCCESS, _PARTIAL = "ResponseStatusType:Success", "ResponseStatusType:PartialSuccess"
_NOBODY, _BUSY = "XDSUnknownPatientId", frozenset({"XDSRegistryBusy", "XDSRepositoryBusy"})


def read_entries(message: bytes, source: str, asked: BSN, today: date) -> Listed:
    """Read the answer to FindDocuments about one person; anybody else's documents count as unreadable.

    That the registry does not know the person is an answer. Raises: Malformed("xml"), Malformed("fault");
    Unavailable, with `source`, when the registry says that it failed.
    """
    answer = content_of(message, f"{{{QUERY}}}AdhocQueryResponse")
    errors = [(one.get("errorCode", ""), one) for one in answer.iter(f"{{{RS}}}RegistryError")]
    status = answer.get("status", "")
    if not status.endswith((_SUCCESS, _PARTIAL)):
        if errors and {code for code, _ in errors} <= {_NOBODY}:
            return Listed()
        raise Unavailable(source, retryable=bool(_BUSY & {code for code, _ in errors}))
    manifests, reports, unreadable = [], [], 0
    for entry in (_Entry(one) for one in answer.iter(f"{{{RIM}}}ExtrinsicObject")):
        if not entry.is_current or not (entry.is_manifest or entry.is_report):
            continue
        if not entry.name or entry.patient != patient_id(asked):
            unreadable += 1
        elif entry.is_manifest:
            manifests.append(entry.manifest(today))
        else:
            reports.append(entry.report(today))
    is_partial = status.endswith(_PARTIAL)
    return Listed(
        manifests=tuple(manifests),
        reports=tuple(reports),
        unreadable=unreadable,
        warnings=0 if is_partial else len(errors),
        failed=tuple(sorted({_failed(one) for _, one in errors})) if is_partial else (),
        complete=not is_partial or bool(errors),
    )


def _failed(error: Element) -> str:
    """What a registry calls the source that failed: where, else in its own words, else the code."""
    told = (error.get("location"), error.get("codeContext"), error.get("errorCode"))
    return next((words for one in told if (words := values.text(one))), "")


@dataclass(frozen=True, slots=True)
class _Entry:
    element: Element

    @property
    def is_current(self) -> bool:
        return bool(self.element.get("status", APPROVED) == APPROVED)

    @property
    def is_manifest(self) -> bool:
        return any(code.partition("^")[0] == _KEY_OBJECT for code, _, _ in self._codes(_FORMAT))

    @property
    def is_report(self) -> bool:
        return not self.is_manifest and any(code in _REPORTS for code, _, _ in self._codes(_TYPE))

    @property
    def patient(self) -> str:
        return self._external(_PATIENT)

    @property
    def name(self) -> str:
        return self._external(_UNIQUE).removeprefix("urn:oid:")

    def manifest(self, today: date) -> Manifest:
        events = list(self._codes(_EVENT))
        codes = [{"code": code} for code, scheme, _ in events if scheme in _MODALITIES]
        studies, accessions = self._references()
        custodian, name = self._author()
        return Manifest(
            identifier=self.name,
            encoding="kos",
            at=self.name,
            study_uid=studies[0] if len(studies) == 1 else "",
            accessions=accessions,
            day=self._day("serviceStartTime", today),
            modalities=values.modalities(codes),
            body_part=next((values.text(words) for _, scheme, words in events if scheme not in _MODALITIES), ""),
            title=self._title(),
            custodian=custodian,
            custodian_name=name,
            repository=next(self._slot("repositoryUniqueId"), ""),
            home=values.text(self.element.get("home")),
        )

    def report(self, today: date) -> FoundReport:
        studies, accessions = self._references()
        custodian, name = self._author()
        report = Report(
            identifier=self.name,
            studies=studies,
            status="",
            title=self._title() or next((values.text(words) for _, _, words in self._codes(_TYPE)), ""),
            issued=self._day("creationTime", today),
            accessions=accessions,
            hospitals=(name,) if name else (),
        )
        return FoundReport(report, custodian)

    def _external(self, scheme: str) -> str:
        found = self.element.iterfind(f"{{{RIM}}}ExternalIdentifier")
        return next((one.get("value", "") for one in found if one.get("identificationScheme") == scheme), "")

    def _classified(self, scheme: str) -> Iterator[Element]:
        found = self.element.iterfind(f"{{{RIM}}}Classification")
        return (one for one in found if one.get("classificationScheme") == scheme)

    def _codes(self, scheme: str) -> Iterator[tuple[str, str, str]]:
        """Code, coding scheme and words of each classification."""
        for one in self._classified(scheme):
            yield one.get("nodeRepresentation", ""), next(_values(one, "codingScheme"), ""), _words(one)

    def _slot(self, name: str) -> Iterator[str]:
        return _values(self.element, name)

    def _title(self) -> str:
        return values.text(_words(self.element))

    def _day(self, name: str, today: date) -> date | None:
        told = next(self._slot(name), "")
        return believable(values.day(f"{told[:4]}-{told[4:6]}-{told[6:8]}"), today)

    def _author(self) -> tuple[str, str]:
        """The URA and name of the institution (XON: name first, number tenth)."""
        for author in self._classified(_AUTHOR):
            for told in _values(author, "authorInstitution"):
                parts = told.split("^")
                return (parts[9] if len(parts) > 9 else ""), values.text(parts[0])
        return "", ""

    def _references(self) -> tuple[tuple[str, ...], tuple[Accession, ...]]:
        """What it is about: study UIDs and order numbers (CXi: number, assigning authority fourth, kind fifth)."""
        studies, accessions = set[str](), set[Accession]()
        for told in self._slot("urn:ihe:iti:xds:2013:referenceIdList"):
            number, _, _, authority, kind, *_ = (*told.split("^"), "", "", "", "", "")
            if kind == _STUDY and is_uid(uid := number.removeprefix("urn:oid:")):
                studies.add(uid)
            elif kind == _ACCESSION and values.text(number):
                issuer = (*authority.split("&"), "", "")[1]
                accessions.add(Accession(values.text(number), values.text(issuer)))
        return tuple(sorted(studies)), tuple(sorted(accessions))


def _values(element: Element, name: str) -> Iterator[str]:
    for slot in element.iterfind(f"{{{RIM}}}Slot"):
        if slot.get("name") == name:
            yield from (text(one) for one in slot.iterfind(f"{{{RIM}}}ValueList/{{{RIM}}}Value"))


def _words(element: Element) -> str:
    found = element.find(f"{{{RIM}}}Name/{{{RIM}}}LocalizedString")
    return "" if found is None else found.get("value", "")
