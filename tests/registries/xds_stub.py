"""A Document Registry and its Repository: FindDocuments (ITI-18) and Retrieve Document Set (ITI-43), by SOAP 1.2.

The ebXML schemas are in no package, so both sides of every message are held to rules written here from the standard:
`check_query`, `check_entry`. *Source:* IHE ITI TF-2 §3.18, §3.43; TF-3 §4.2; ebXML RegRep 3.0 (rim).
"""

import re
from dataclasses import dataclass
from typing import Any

from lxml import etree
from starlette.requests import Request
from starlette.responses import Response
from tests.registries.kos_file import XDS_I, kos_file
from tests.registries.stub import Stub

from beeldpas.demo.registries.xds_messages import (
    QUERY,
    REPOSITORY,
    RIM,
    RS,
    SOAP,
    STATUS,
    WSA,
    XDS,
    Packing,
    document,
    entries_of,
    listed,
)

_PATIENT = re.compile(r"'([0-9]{9})\^\^\^&2\.16\.840\.1\.113883\.2\.4\.6\.3&ISO'")
_FIND = "urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d"
_ORDER = ["Slot", "Name", "Description", "VersionInfo", "Classification", "ExternalIdentifier"]


@dataclass(slots=True)
class XdsStub(Stub):
    """`errors` (code, context, location) make it partial; `packing`: documents beside the message or in it."""

    errors: tuple[tuple[str, str, str], ...] = ()
    outcome: str = ""
    packing: Packing = "mtom"
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
        found = entries_of(enumerate(self.entries), self.alone, self.repository)
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
        told = f'<rs:RegistryErrorList xmlns:rs="{RS}">{errors}</rs:RegistryErrorList>' if errors else ""
        return listed(found, self.outcome or status, told)

    def _document(self, content: Any) -> Response:
        (wanted,) = content
        names = {etree.QName(one).localname: one.text for one in wanted}
        assert names["RepositoryUniqueId"] == REPOSITORY
        unique = names["DocumentUniqueId"]
        entry = self.entries[int(unique.removeprefix("2.25.7"))]
        return document(unique, kos_file(entry, unique, self.images_at(entry), XDS_I), self.packing)


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
