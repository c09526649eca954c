"""Handing a sign-in request over behind the browser's back: what is asked cannot be read or changed on the way.

*Source:* RFC 9126 (OAuth 2.0 Pushed Authorization Requests) §2.
"""

from collections.abc import Mapping
from typing import Any

import structlog
from httpx2 import HTTPError

from beeldpas.domain.errors import Unavailable

_CREATED = 201
log = structlog.get_logger()


async def pushed(client: Any, endpoint: str, form: Mapping[str, str], name: str) -> str:
    """Return the provider's reference to this request. Raises: Unavailable when it gives none."""
    try:
        response = await client.request("POST", endpoint, withhold_token=True, data=dict(form))
        answer = response.json() if response.status_code == _CREATED else None
    except (HTTPError, ValueError, RecursionError) as error:
        raise Unavailable(name) from error
    reference = answer.get("request_uri") if isinstance(answer, dict) else None
    if not isinstance(reference, str) or not reference:
        log.error("openid_request_not_taken", provider=name, status=response.status_code)
        raise Unavailable(name)
    return reference
