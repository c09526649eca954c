"""What a Document Registry and its Repository of XDS.b say: the entries of a person's documents, and one document.

*Source:* IHE ITI TF-2 §3.18, §3.43; TF-3 §4.2; ebXML RegRep 3.0 (rim).
"""

from base64 import b64encode
from collections.abc import Iterable, Sequence
from html import escape
from typing import Literal

from starlette.responses import Response

from beeldpas.demo.registries.entries import Alone, Entry, Organisation

SOAP, WSA = "http://www.w3.org/2003/05/soap-envelope", "http://www.w3.org/2005/08/addressing"
QUERY = "urn:oasis:names:tc:ebxml-regrep:xsd:query:3.0"
RIM, RS = "urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0", "urn:oasis:names:tc:ebxml-regrep:xsd:rs:3.0"
XDS = "urn:ihe:iti:xds-b:2007"
STATUS = "urn:oasis:names:tc:ebxml-regrep:ResponseStatusType"
REPOSITORY = "1.3.6.1.4.1.99999.1"
Packing = Literal["mtom", "inline"]


def entries_of(
    entries: Iterable[tuple[int, Entry]], alone: Sequence[Alone] = (), repository: str = REPOSITORY
) -> list[str]:
    """Write the document entries of what is registered; the manifest of entry n is called `2.25.7{n}`."""
    replaced = {one.replaces for one in alone}
    made = [one for number, entry in entries for one in _of_entry(entry, number, repository, replaced)]
    return [*made, *(_report(one, f"alone{number}", repository) for number, one in enumerate(alone))]


def listed(objects: Iterable[str], status: str = f"{STATUS}:Success", errors: str = "") -> Response:
    """Answer a stored query with document entries; `errors`: a RegistryErrorList, where something went wrong."""
    return message(
        "urn:ihe:iti:2007:RegistryStoredQueryResponse",
        f'<q:AdhocQueryResponse xmlns:q="{QUERY}" status="{status}">{errors}'
        f'<rim:RegistryObjectList xmlns:rim="{RIM}">{"".join(objects)}</rim:RegistryObjectList>'
        f"</q:AdhocQueryResponse>",
    )


def document(unique: str, file: bytes, packing: Packing = "mtom") -> Response:
    """Answer with one document of the repository: beside the message (MTOM), or in it."""
    inside = b64encode(file).decode() if packing == "inline" else _INCLUDED
    body = (
        f'<x:RetrieveDocumentSetResponse xmlns:x="{XDS}"><rs:RegistryResponse xmlns:rs="{RS}" '
        f'status="{STATUS}:Success"/><x:DocumentResponse><x:RepositoryUniqueId>{REPOSITORY}</x:RepositoryUniqueId>'
        f"<x:DocumentUniqueId>{unique}</x:DocumentUniqueId><x:mimeType>application/dicom</x:mimeType>"
        f"<x:Document>{inside}</x:Document></x:DocumentResponse></x:RetrieveDocumentSetResponse>"
    )
    whole = message("urn:ihe:iti:2007:RetrieveDocumentSetResponse", body)
    return whole if packing == "inline" else _packed(bytes(whole.body), file)


def message(action: str, body: str) -> Response:
    """Put an answer in its SOAP envelope."""
    whole = (
        f'<s:Envelope xmlns:s="{SOAP}" xmlns:a="{WSA}"><s:Header><a:Action>{action}</a:Action></s:Header>'
        f"<s:Body>{body}</s:Body></s:Envelope>"
    )
    return Response(whole, media_type="application/soap+xml")


def _of_entry(entry: Entry, number: int, repository: str, replaced: set[str]) -> list[str]:
    study = entry.study
    codes = [(one.modality, "1.2.840.10008.2.16.4", one.modality) for one in study.series if one.modality]
    codes += [("51185008", "2.16.840.1.113883.6.96", one.body_part) for one in study.series[:1]]
    references = [
        f"{study.study_uid}^^^^urn:ihe:iti:xds:2016:studyInstanceUID",
        f"{study.accession}^^^&{entry.orders}&ISO^urn:ihe:iti:xds:2013:accession",
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
            **({"serviceStartTime": [started]} if started else {}),
            "repositoryUniqueId": [repository],
            "urn:ihe:iti:xds:2013:referenceIdList": references,
        },
        codes={
            "a09d5840-386c-46f2-b5ad-9c3699a4309d": [("1.2.840.10008.5.1.4.1.1.88.59", "1.2.840.10008.2.6.1", "KOS")],
            "f0306f51-975f-434e-a61c-c59651d33983": [("24606-6", "2.16.840.1.113883.6.1", "CT")],
            "2c6b8cb7-8b2a-4051-b291-b1ae6a575ef4": codes,
        },
    )
    current = (one for one in study.reports if one.sop_uid not in replaced)
    reports = (Alone(one, study.study_uid, study.bsn, entry.at) for one in current)
    return [
        manifest,
        *(_report(one, f"report{number}-{nth}", repository) for nth, one in enumerate(reports)),
    ]


def _report(alone: Alone, identifier: str, repository: str) -> str:
    return _entry(
        identifier,
        mime="application/pdf",
        title="Verslag",
        unique=alone.report.sop_uid,
        about=(alone.bsn.reveal(), alone.at),
        slots={
            "creationTime": [f"{alone.report.made:%Y%m%d}"] if alone.report.made else [],
            "repositoryUniqueId": [repository],
            "urn:ihe:iti:xds:2013:referenceIdList": [f"{alone.study_uid}^^^^urn:ihe:iti:xds:2016:studyInstanceUID"],
        },
        codes={
            "a09d5840-386c-46f2-b5ad-9c3699a4309d": [("urn:ihe:rad:PDF", "1.3.6.1.4.1.19376.1.2.3", "PDF")],
            "f0306f51-975f-434e-a61c-c59651d33983": [("722124004", "2.16.840.1.113883.6.96", "Report")],
        },
    )


def _entry(
    identifier: str,
    *,
    mime: str,
    title: str,
    unique: str,
    about: tuple[str, Organisation],
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


_INCLUDED = '<xop:Include xmlns:xop="http://www.w3.org/2004/08/xop/include" href="cid:document%40demo"/>'


def _packed(whole: bytes, file: bytes) -> Response:
    parts = (
        (b'Content-Type: application/xop+xml; type="application/soap+xml"\r\nContent-ID: <root@demo>', whole),
        (b"Content-Type: application/dicom\r\nContent-ID: <document@demo>", file),
    )
    body = (
        b"".join(b"--mark\r\n" + head + b"\r\n\r\n" + content + b"\r\n" for head, content in parts) + b"--mark--\r\n"
    )
    kind = 'multipart/related; type="application/xop+xml"; boundary="mark"; start="<root@demo>"'
    return Response(body, headers={"Content-Type": kind})
