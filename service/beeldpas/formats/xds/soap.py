"""SOAP 1.2 with WS-Addressing, one message in and one out. *Source:* IHE ITI TF-2 Appendix V; SOAP 1.2 Part 1."""

from uuid import uuid4
from xml.etree.ElementTree import Element as Written
from xml.etree.ElementTree import SubElement, tostring

from beeldpas.domain.errors import Malformed
from beeldpas.formats.sound_xml import Element, parse

SOAP = "http://www.w3.org/2003/05/soap-envelope"
WSA = "http://www.w3.org/2005/08/addressing"
_ANONYMOUS = f"{WSA}/anonymous"


def media_type(action: str) -> str:
    """The Content-Type of a message."""
    return f'application/soap+xml; charset=UTF-8; action="{action}"'


def envelope(action: str, to: str, content: Written) -> bytes:
    """Put a request in its envelope."""
    message = Written(f"{{{SOAP}}}Envelope")
    header = SubElement(message, f"{{{SOAP}}}Header")
    SubElement(header, f"{{{WSA}}}Action", {f"{{{SOAP}}}mustUnderstand": "true"}).text = action
    SubElement(header, f"{{{WSA}}}MessageID").text = f"urn:uuid:{uuid4()}"
    SubElement(SubElement(header, f"{{{WSA}}}ReplyTo"), f"{{{WSA}}}Address").text = _ANONYMOUS
    SubElement(header, f"{{{WSA}}}To", {f"{{{SOAP}}}mustUnderstand": "true"}).text = to
    SubElement(message, f"{{{SOAP}}}Body").append(content)
    return bytes(tostring(message, encoding="utf-8", xml_declaration=True))


def content_of(message: bytes, name: str) -> Element:
    """Return the one element in the body of an answer, which must have this name.

    Raises: Malformed("xml"), Malformed("fault") for a SOAP fault or anything else than what was asked for.
    """
    root = parse(message)
    found = root.find(f"{{{SOAP}}}Body/{name}") if root.tag == f"{{{SOAP}}}Envelope" else None
    if found is None:
        raise Malformed("fault")
    return found
