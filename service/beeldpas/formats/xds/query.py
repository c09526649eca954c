"""Asking a Document Registry which documents there are of a person: the stored query FindDocuments.

*Source:* IHE ITI TF-2 §3.18.4.1.2.3.7.1.
"""

from xml.etree.ElementTree import Element, SubElement

from beeldpas.domain.bsn import BSN
from beeldpas.formats.xds.soap import envelope

QUERY = "urn:oasis:names:tc:ebxml-regrep:xsd:query:3.0"
RIM = "urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0"
RS = "urn:oasis:names:tc:ebxml-regrep:xsd:rs:3.0"
ACTION = "urn:ihe:iti:2007:RegistryStoredQuery"
BSN_OID = "2.16.840.1.113883.2.4.6.3"
APPROVED = "urn:oasis:names:tc:ebxml-regrep:StatusType:Approved"
_FIND_DOCUMENTS = "urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d"


def patient_id(bsn: BSN) -> str:
    """A BSN as HL7 v2 writes it (CX)."""
    return f"{bsn.reveal()}^^^&{BSN_OID}&ISO"


def find_documents(bsn: BSN, to: str) -> bytes:
    """Return the message that asks for the current documents of a person."""
    request = Element(f"{{{QUERY}}}AdhocQueryRequest")
    SubElement(request, f"{{{QUERY}}}ResponseOption", {"returnComposedObjects": "true", "returnType": "LeafClass"})
    query = SubElement(request, f"{{{RIM}}}AdhocQuery", {"id": _FIND_DOCUMENTS})
    _slot(query, "$XDSDocumentEntryPatientId", f"'{patient_id(bsn)}'")
    _slot(query, "$XDSDocumentEntryStatus", f"('{APPROVED}')")
    return envelope(ACTION, to, request)


def _slot(query: Element, name: str, value: str) -> None:
    slot = SubElement(query, f"{{{RIM}}}Slot", {"name": name})
    SubElement(SubElement(slot, f"{{{RIM}}}ValueList"), f"{{{RIM}}}Value").text = value
