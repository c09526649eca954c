"""Fetching one document from a repository: Retrieve Document Set, its bytes beside the message (MTOM) or within it.

*Source:* IHE ITI TF-2 §3.43; W3C MTOM and XOP; RFC 2387.
"""

import binascii
import re
from base64 import b64decode
from xml.etree.ElementTree import Element, SubElement

from beeldpas.domain.errors import Malformed
from beeldpas.formats.multipart import take_apart
from beeldpas.formats.sound_xml import Element as Read
from beeldpas.formats.sound_xml import text
from beeldpas.formats.xds.soap import content_of, envelope

XDS = "urn:ihe:iti:xds-b:2007"
ACTION = "urn:ihe:iti:2007:RetrieveDocumentSet"
_INCLUDE = "{http://www.w3.org/2004/08/xop/include}Include"
_BOUNDARY = re.compile(r'boundary="?([^";]{1,70})"?', re.ASCII | re.IGNORECASE)


def retrieve_document(repository: str, document: str, home: str, to: str) -> bytes:
    """Return the message that asks a repository for one document."""
    request = Element(f"{{{XDS}}}RetrieveDocumentSetRequest")
    wanted = SubElement(request, f"{{{XDS}}}DocumentRequest")
    if home:
        SubElement(wanted, f"{{{XDS}}}HomeCommunityId").text = home
    SubElement(wanted, f"{{{XDS}}}RepositoryUniqueId").text = repository
    SubElement(wanted, f"{{{XDS}}}DocumentUniqueId").text = document
    return envelope(ACTION, to, request)


def read_document(content_type: str, body: bytes, document: str) -> bytes:
    """Return the bytes of the document that was asked for.

    Raises: Malformed("xml"), ("fault"), ("multipart"), or ("no_document") when the answer does not hold it.
    """
    message, parts = _taken_apart(content_type, body)
    answer = content_of(message, f"{{{XDS}}}RetrieveDocumentSetResponse")
    for one in answer.iterfind(f"{{{XDS}}}DocumentResponse"):
        if text(one.find(f"{{{XDS}}}DocumentUniqueId")) == document:
            return _bytes(one.find(f"{{{XDS}}}Document"), parts)
    raise Malformed("no_document")


def _taken_apart(content_type: str, body: bytes) -> tuple[bytes, dict[str, bytes]]:
    """The message, and the parts beside it by their Content-ID."""
    if not content_type.lower().startswith("multipart/"):
        return body, {}
    boundary = _BOUNDARY.search(content_type)
    parts = take_apart(body, boundary[1]) if boundary else []
    if not parts:
        raise Malformed("multipart")
    return parts[0][1], {fields.get("content-id", "").strip("<>"): content for fields, content in parts[1:]}


def _bytes(holder: Read | None, parts: dict[str, bytes]) -> bytes:
    if holder is None:
        raise Malformed("no_document")
    include = holder.find(_INCLUDE)
    if include is not None:
        name = (include.get("href") or "").removeprefix("cid:").replace("%40", "@")
        if name not in parts:
            raise Malformed("no_document")
        return parts[name]
    try:
        return b64decode("".join(text(holder).split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise Malformed("no_document") from error
