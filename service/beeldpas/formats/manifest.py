"""MANIFEST.JSN: what a download holds, file by file with its SHA-256, signed by the hospital that gave it.

Ed25519 signatures are the same every time, and the list holds no time of making: the same selection gives the
same bytes. The name is 8.3 because everything beside a DICOMDIR is.

*Source:* RFC 7515 §7.2.2 (flattened JWS JSON), RFC 9864 (alg Ed25519); IHE PDI (8.3 names).
"""

import json
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from json.encoder import encode_basestring as _quoted
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OKPKey
from joserfc.jws import JWSRegistry

from beeldpas.domain.errors import Malformed, Refused
from beeldpas.formats.jose import ALGORITHM

NAME = "MANIFEST.JSN"
MANIFEST_TYPE = "manifest+jws"
FORMAT = "urn:beeldpas:manifest:1"
LARGEST_BYTES = 160_000_000  # some 180,000 images
_MOST_VALUES = 2_000_000
_UNREADABLE = (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError)


class _Longer(JWSRegistry):
    """The library's limit is for tokens; a reader bounds the bytes of a list before it is looked at."""

    max_payload_length = LARGEST_BYTES


_REGISTRY = _Longer(algorithms=[ALGORITHM])


def canonical(value: object) -> bytes:
    """Return JSON in one fixed form: keys sorted, no spaces, UTF-8."""
    return _text(value).encode()


def _text(value: object) -> str:
    if isinstance(value, Encoded):
        return value
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


class Encoded(str):
    """JSON that is in the form of `canonical` already."""

    __slots__ = ()


def image_line(
    *, path: str, size: int, sha256: bytes, sop_uid: str, sop_class: str, series_uid: str, study_uid: str, syntax: str
) -> Encoded:
    """Return what the list says of one image; thousands of them are too many for a general encoder."""
    return Encoded(
        f'{{"path":{_quoted(path)},"series_uid":{_quoted(series_uid)},"sha256":"{sha256.hex()}","size":{size},'
        f'"sop_class":{_quoted(sop_class)},"sop_uid":{_quoted(sop_uid)},"study_uid":{_quoted(study_uid)},'
        f'"transfer_syntax":{_quoted(syntax)}}}'
    )


def sign_manifest(content: Mapping[str, Any], key: OKPKey) -> bytes:
    """Return the signed file. Its bytes depend on the content (its values may be `Encoded`) and the key only."""
    members = sorted({"format": FORMAT, **content}.items())
    payload = "{" + ",".join(f"{_quoted(name)}:{_text(value)}" for name, value in members) + "}"
    protected = {"alg": ALGORITHM, "kid": key.kid, "typ": MANIFEST_TYPE}
    head, body, signature = jws.serialize_compact(protected, payload.encode(), key, registry=_REGISTRY).split(".")
    return f'{{"payload":"{body}","protected":"{head}","signature":"{signature}"}}\n'.encode()


def read_manifest(file: bytes, keys: KeySet) -> dict[str, Any]:
    """Return the content of a manifest that one of `keys` signed.

    Raises: Malformed("manifest") when it is none; Refused("manifest_signature") when it was altered.
    """
    signed = _loads(file)
    try:
        message = jws.deserialize_json(signed, keys, registry=_REGISTRY)
        typ = message.members[0].headers().get("typ")
    except JoseError as error:
        raise Refused("manifest_signature") from error
    except _UNREADABLE as error:
        raise Malformed("manifest") from error
    if typ != MANIFEST_TYPE:
        raise Malformed("manifest")
    return _content(message.payload)


def peek_manifest(file: bytes) -> dict[str, Any]:
    """Return the content of a manifest of which nobody knows yet who wrote it. Raises: Malformed("manifest")."""
    try:
        payload: str = _loads(file)["payload"]
        content = urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
    except _UNREADABLE as error:
        raise Malformed("manifest") from error
    return _content(content)


def _content(payload: bytes) -> dict[str, Any]:
    content = _loads(payload)
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise Malformed("manifest")
    return content


def _loads(text: bytes) -> Any:
    """Read JSON; more values than any selection needs would fill the memory of whoever checks it."""
    if text.count(b",") + text.count(b"[") + text.count(b"{") > _MOST_VALUES:
        raise Malformed("manifest")
    try:
        return json.loads(text)
    except _UNREADABLE as error:
        raise Malformed("manifest") from error
