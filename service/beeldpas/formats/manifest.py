"""MANIFEST.JSN: what a download holds, file by file with its SHA-256, signed by the hospital that gave it.

Ed25519 signatures are the same every time, and the list holds no time of making: the same selection gives the
same bytes. The name is 8.3 because everything beside a DICOMDIR is.

*Source:* RFC 7515 §7.2.2 (flattened JWS JSON), RFC 9864 (alg Ed25519); IHE PDI (8.3 names).
"""

import json
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OKPKey

from beeldpas.domain.errors import Malformed, Refused
from beeldpas.formats.jose import ALGORITHM, REGISTRY

NAME = "MANIFEST.JSN"
MANIFEST_TYPE = "manifest+jws"
FORMAT = "urn:beeldpas:manifest:1"
LARGEST_BYTES = 48 * 1024 * 1024
_MOST_VALUES = 1_500_000
_UNREADABLE = (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError)


def canonical(value: object) -> bytes:
    """Return JSON in one fixed form: keys sorted, no spaces, UTF-8."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def sign_manifest(content: Mapping[str, Any], key: OKPKey) -> bytes:
    """Return the signed file. Its bytes depend on the content and the key only."""
    protected = {"alg": ALGORITHM, "kid": key.kid, "typ": MANIFEST_TYPE}
    payload = canonical({"format": FORMAT, **content})
    signed = jws.serialize_json({"protected": protected}, payload, key, registry=REGISTRY)
    return canonical(signed) + b"\n"


def read_manifest(file: bytes, keys: KeySet) -> dict[str, Any]:
    """Return the content of a manifest that one of `keys` signed.

    Raises: Malformed("manifest") when it is none; Refused("manifest_signature") when it was altered.
    """
    signed = _loads(file)
    try:
        message = jws.deserialize_json(signed, keys, registry=REGISTRY)
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
