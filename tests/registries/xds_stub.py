"""A Document Registry and its Repository: FindDocuments (ITI-18) and Retrieve Document Set (ITI-43), by SOAP 1.2.

The ebXML schemas are in no package, so both sides of every message are held to rules written here from the standard:
`check_query`, `check_entry`. *Source:* IHE ITI TF-2 §3.18, §3.43; TF-3 §4.2; ebXML RegRep 3.0 (rim).
"""

import re
from base64 import b64encode
from dataclasses import dataclass
from html import escape
from typing import Any, Literal

from lxml import etree
from starlette.requests import Request
from starlette.responses import Response
from tests.registries.kos_file import XDS_I, kos_file
from tests.registries.stub import Alone, Entry, Stub

SOAP, WSA = "http://www.w3.org/2003/05/soap-envelope", "http://www.w3.org/2005/08/addressing"
QUERY = "urn:oasis:names:tc:ebxml-regrep:xsd:query:3.0"
RIM, RS = "urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0", "urn:oasis:names:tc:ebxml-regrep:xsd:rs:3.0"
XDS = "urn:ihe:iti:xds-b:2007"
STATUS = "urn:oasis:names:tc:ebxml-regrep:ResponseStatusType"
REPOSITORY = "1.3.6.1.4.1.99999.1"
_PATIENT = re.compile(r"'([0-9]{9})\^\^\^&2\.16\.840\.1\.113883\.2\.4\.6\.3&ISO'")
_FIND = "urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d"
_ORDER = ["Slot", "Name", "Description", "VersionInfo", "Classification", "ExternalIdentifier"]


@dataclass(slots=True)
class XdsStub(Stub):
    """`errors` (code, context, location) make it partial; `packing`: documents beside the message or in it."""

    errors: tuple[tuple[str, str, str], ...] = ()
    outcome: str = ""
    packing: Literal["mtom", "inline"] = "mtom"
    repository: str = REPOSITORY

    def reset(self) -> None:
        """Forget everything."""
        Stub.reset(self)
        self.errors, self.outcome, self.packing, self.repository = (), "", "mtom", REPOSITORY

    @property
    def repository_url(self) -> str:
        """Where documents are."""
        return f"http://repository.localhost:{self.port}/xds"

    @property
    def keeps_older(self) -> bool:
        """A document that was replaced is deprecated, and only approved ones are asked for (ITI TF-3 §4.2.2.1.4)."""
        return False

    @property
    def hosts(self) -> tuple[str, ...]:
        """The repository beside the registry."""
        return (self.repository_url,)

    async def answer(self, request: Request, body: bytes) -> Response:
        envelope = etree.fromstring(body)
        content = check_envelope(envelope, request)
        if content.tag == f"{{{QUERY}}}AdhocQueryRequest":
            check_query(content)
            return self._listed()
        assert content.tag == f"{{{XDS}}}RetrieveDocumentSetRequest"
        return self._document(content)

    def _listed(self) -> Response:
        found = [one for number, entry in enumerate(self.entries) for one in self._of_entry(entry, number)]
        found += [self._report(one, f"alone{number}") for number, one in enumerate(self.alone)]
        for one in found:
            check_entry(etree.fromstring(one))
        status = f"{STATUS}:Success"
        if self.errors:
            status = "urn:ihe:iti:2007:ResponseStatusType:PartialSuccess"
        errors = "".join(
            f'<rs:RegistryError xmlns:rs="{RS}" errorCode="{code}" codeContext="{context}" location="{location}" '
            f'severity="urn:oasis:names:tc:ebxml-regrep:ErrorSeverityType:Error"/>'
            for code, context, location in self.errors
        )
        listed = f'<rs:RegistryErrorList xmlns:rs="{RS}">{errors}</rs:RegistryErrorList>' if errors else ""
        return _message(
            "urn:ihe:iti:2007:RegistryStoredQueryResponse",
            f'<q:AdhocQueryResponse xmlns:q="{QUERY}" status="{self.outcome or status}">{listed}'
            f'<rim:RegistryObjectList xmlns:rim="{RIM}">{"".join(found)}</rim:RegistryObjectList>'
            f"</q:AdhocQueryResponse>",
        )

    def _of_entry(self, entry: Entry, number: int) -> list[str]:
        study = entry.study
        codes = [(one.modality, "1.2.840.10008.2.16.4", one.modality) for one in study.series if one.modality]
        codes += [("51185008", "2.16.840.1.113883.6.96", one.body_part) for one in study.series[:1]]
        references = [
            f"{study.study_uid}^^^^urn:ihe:iti:xds:2016:studyInstanceUID",
            f"{study.accession}^^^&2.16.1&ISO^urn:ihe:iti:xds:2013:accession",
        ]
        started = f"{study.started:%Y%m%d}" if study.started else ""
        manifest = _entry(
            f"manifest{number}",
            mime="application/dicom",
            title=study.description,
            unique=f"2.25.7{number}",
            about=(study.bsn.reveal(), entry.at),
            slots={
                "creationTime": ["20261124093000"],
                **({"serviceStartTime": [f"{started}093000"]} if started else {}),
                "repositoryUniqueId": [self.repository],
                "urn:ihe:iti:xds:2013:referenceIdList": references,
            },
            codes={
                "a09d5840-386c-46f2-b5ad-9c3699a4309d": [
                    ("1.2.840.10008.5.1.4.1.1.88.59", "1.2.840.10008.2.6.1", "KOS")
                ],
                "f0306f51-975f-434e-a61c-c59651d33983": [("24606-6", "2.16.840.1.113883.6.1", "CT")],
                "2c6b8cb7-8b2a-4051-b291-b1ae6a575ef4": codes,
            },
        )
        replaced = {one.replaces for one in self.alone}
        current = (one for one in study.reports if one.sop_uid not in replaced)
        reports = (Alone(one, study.study_uid, study.bsn, entry.at) for one in current)
        return [manifest, *(self._report(one, f"report{number}") for one in reports)]

    def _report(self, alone: Alone, identifier: str) -> str:
        return _entry(
            identifier,
            mime="application/pdf",
            title="Verslag",
            unique=alone.report.sop_uid,
            about=(alone.bsn.reveal(), alone.at),
            slots={
                "creationTime": [f"{alone.report.made:%Y%m%d}093000"] if alone.report.made else [],
                "repositoryUniqueId": [self.repository],
                "urn:ihe:iti:xds:2013:referenceIdList": [
                    f"{alone.study_uid}^^^^urn:ihe:iti:xds:2016:studyInstanceUID"
                ],
            },
            codes={
                "a09d5840-386c-46f2-b5ad-9c3699a4309d": [("urn:ihe:rad:PDF", "1.3.6.1.4.1.19376.1.2.3", "PDF")],
                "f0306f51-975f-434e-a61c-c59651d33983": [("722124004", "2.16.840.1.113883.6.96", "Report")],
            },
        )

    def _document(self, content: Any) -> Response:
        (wanted,) = content
        names = {etree.QName(one).localname: one.text for one in wanted}
        assert names["RepositoryUniqueId"] == REPOSITORY
        unique = names["DocumentUniqueId"]
        entry = self.entries[int(unique.removeprefix("2.25.7"))]
        file = kos_file(entry, unique, self.images_at(entry), XDS_I)
        inside = b64encode(file).decode() if self.packing == "inline" else _included()
        body = (
            f'<x:RetrieveDocumentSetResponse xmlns:x="{XDS}"><rs:RegistryResponse xmlns:rs="{RS}" '
            f'status="{STATUS}:Success"/><x:DocumentResponse><x:RepositoryUniqueId>{REPOSITORY}</x:RepositoryUniqueId>'
            f"<x:DocumentUniqueId>{unique}</x:DocumentUniqueId><x:mimeType>application/dicom</x:mimeType>"
            f"<x:Document>{inside}</x:Document></x:DocumentResponse></x:RetrieveDocumentSetResponse>"
        )
        message = _message("urn:ihe:iti:2007:RetrieveDocumentSetResponse", body)
        return message if self.packing == "inline" else _packed(bytes(message.body), file)


def check_envelope(envelope: Any, request: Request) -> Any:
    """Hold a request to SOAP 1.2 and WS-Addressing as ITI TF-2 Appendix V has them; return what it asks."""
    assert envelope.tag == f"{{{SOAP}}}Envelope"
    (action,) = envelope.findall(f"{{{SOAP}}}Header/{{{WSA}}}Action")
    assert action.get(f"{{{SOAP}}}mustUnderstand") in ("1", "true")
    assert f'action="{action.text}"' in request.headers["content-type"]
    assert request.headers["content-type"].startswith("application/soap+xml")
    assert envelope.findtext(f"{{{SOAP}}}Header/{{{WSA}}}MessageID").startswith("urn:uuid:")
    assert "localhost" in envelope.findtext(f"{{{SOAP}}}Header/{{{WSA}}}To")
    (content,) = envelope.find(f"{{{SOAP}}}Body")
    return content


def check_query(query: Any) -> None:
    """Hold a stored query to ITI-18: the whole entries of one person, current documents only, values well quoted."""
    option, asked = query
    assert (option.tag, option.get("returnType")) == (f"{{{QUERY}}}ResponseOption", "LeafClass")
    assert option.get("returnComposedObjects") == "true"
    assert (asked.tag, asked.get("id")) == (f"{{{RIM}}}AdhocQuery", _FIND)
    slots = {slot.get("name"): [one.text for one in slot.iter(f"{{{RIM}}}Value")] for slot in asked}
    assert set(slots) == {"$XDSDocumentEntryPatientId", "$XDSDocumentEntryStatus"}
    assert _PATIENT.fullmatch(slots["$XDSDocumentEntryPatientId"][0])
    assert slots["$XDSDocumentEntryStatus"] == ["('urn:oasis:names:tc:ebxml-regrep:StatusType:Approved')"]


def check_entry(entry: Any) -> None:
    """Hold a document entry to rim 3.0 and TF-3 Table 4.2.3.2-1: order, attributes, and references to itself."""
    names = [etree.QName(one).localname for one in entry]
    assert names == sorted(names, key=_ORDER.index) and {"id", "mimeType", "objectType", "status"} <= set(
        entry.attrib
    )
    for one in entry.iterfind(f"{{{RIM}}}Classification"):
        assert one.get("classifiedObject") == entry.get("id") and one.get("id")
        assert one.get("classificationScheme").startswith("urn:uuid:")
    for one in entry.iterfind(f"{{{RIM}}}ExternalIdentifier"):
        assert one.get("registryObject") == entry.get("id") and one.get("id") and one.get("value")
    for slot in entry.iter(f"{{{RIM}}}Slot"):
        assert slot.get("name") and [etree.QName(one).localname for one in slot] == ["ValueList"]


def _entry(
    identifier: str,
    *,
    mime: str,
    title: str,
    unique: str,
    about: tuple[str, Any],
    slots: dict[str, list[str]],
    codes: dict[str, list[tuple[str, str, str]]],
) -> str:
    bsn, at = about
    own = f"urn:uuid:{identifier}"
    xon = f"{at.name}^^^^^&2.16.528.1.1007.3.3&ISO^^^^{at.ura}"
    author = _classification(own, "93606bcf-9494-43ec-9b4e-a7748d1a838d", "", _slot("authorInstitution", [xon]), "")
    classified = "".join(
        _classification(own, scheme, code, _slot("codingScheme", [system]), _name(words))
        for scheme, told in codes.items()
        for code, system, words in told
    )
    patient = escape(f"{bsn}^^^&2.16.840.1.113883.2.4.6.3&ISO")
    return (
        f'<rim:ExtrinsicObject xmlns:rim="{RIM}" id="{own}" home="urn:oid:1.3.6.1.4.1.99999" mimeType="{mime}" '
        f'objectType="urn:uuid:7edca82f-054d-47f2-a032-9b2a5b5186c1" '
        f'status="urn:oasis:names:tc:ebxml-regrep:StatusType:Approved">'
        f"{''.join(_slot(name, told) for name, told in slots.items() if told)}{_name(title)}{author}{classified}"
        f"{_external(own, '58a6f841-87b3-4a3e-92fd-a8ffeff98427', patient, 'XDSDocumentEntry.patientId')}"
        f"{_external(own, '2e82c1f6-a085-4c72-9da3-8640a32e42ab', unique, 'XDSDocumentEntry.uniqueId')}"
        f"</rim:ExtrinsicObject>"
    )


def _slot(name: str, values: list[str]) -> str:
    listed = "".join(f"<rim:Value>{escape(one)}</rim:Value>" for one in values)
    return f'<rim:Slot name="{name}"><rim:ValueList>{listed}</rim:ValueList></rim:Slot>'


def _name(words: str) -> str:
    return f'<rim:Name><rim:LocalizedString value="{escape(words)}"/></rim:Name>'


def _classification(own: str, scheme: str, code: str, slot: str, name: str) -> str:
    return (
        f'<rim:Classification id="urn:uuid:c-{scheme}" classifiedObject="{own}" '
        f'classificationScheme="urn:uuid:{scheme}" nodeRepresentation="{code}">{slot}{name}</rim:Classification>'
    )


def _external(own: str, scheme: str, value: str, name: str) -> str:
    return (
        f'<rim:ExternalIdentifier id="urn:uuid:e-{scheme}" registryObject="{own}" '
        f'identificationScheme="urn:uuid:{scheme}" value="{value}">{_name(name)}</rim:ExternalIdentifier>'
    )


def _message(action: str, body: str) -> Response:
    message = (
        f'<s:Envelope xmlns:s="{SOAP}" xmlns:a="{WSA}"><s:Header><a:Action>{action}</a:Action></s:Header>'
        f"<s:Body>{body}</s:Body></s:Envelope>"
    )
    return Response(message, media_type="application/soap+xml")


def _included() -> str:
    return '<xop:Include xmlns:xop="http://www.w3.org/2004/08/xop/include" href="cid:document%40story"/>'


def _packed(message: bytes, file: bytes) -> Response:
    parts = (
        (b'Content-Type: application/xop+xml; type="application/soap+xml"\r\nContent-ID: <root@story>', message),
        (b"Content-Type: application/dicom\r\nContent-ID: <document@story>", file),
    )
    body = (
        b"".join(b"--mark\r\n" + head + b"\r\n\r\n" + content + b"\r\n" for head, content in parts) + b"--mark--\r\n"
    )
    kind = 'multipart/related; type="application/xop+xml"; boundary="mark"; start="<root@story>"'
    return Response(body, headers={"Content-Type": kind})
