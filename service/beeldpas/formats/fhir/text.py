"""FHIR JSON as bytes: reading what strangers send, and writing one way only.

*Source:* RFC 8259; FHIR R4 §2.6.2 (JSON representation).
"""

import json
from typing import Any, NoReturn

from beeldpas.domain.errors import Malformed

MEDIA_TYPE = "application/fhir+json"
Resource = dict[str, Any]


def parse(body: bytes) -> Resource:
    """Return the object that a body holds. Not checked: what is in it.

    Raises: Malformed("json") for anything that is no JSON object in UTF-8, nested beyond reason included.
    """
    try:
        value = json.loads(body.decode("utf-8-sig"), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise Malformed("json") from error
    if not isinstance(value, dict):
        raise Malformed("json")
    return value


def render(resource: Resource) -> str:
    """Write a resource so that equal resources give equal text."""
    return json.dumps(resource, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _no_constant(_name: str) -> NoReturn:
    raise ValueError("JSON has no NaN and no infinity")
