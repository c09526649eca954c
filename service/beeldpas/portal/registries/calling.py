"""One call to a registry or hospital: whatever goes wrong on the way comes out as one kind of error."""

from collections.abc import Awaitable

import httpx2

from beeldpas.domain.errors import Unavailable
from beeldpas.web.outbound import unavailable

_OK = 200
_WORTH_ANOTHER_TRY = frozenset({408, 425, 429, 500, 502, 503, 504})


async def called(source: str, call: Awaitable[httpx2.Response], *expected: int) -> httpx2.Response:
    """Return the answer of a call if it has an expected status (200 where none is named).

    Raises: Unavailable with reason "late" (no answer in time), "refused" (the source does not accept us)
    or "unavailable" (anything else).
    """
    try:
        response = await call
    except httpx2.TimeoutException as error:
        raise Unavailable(source, reason="late") from error
    except httpx2.HTTPError as error:
        raise unavailable(source, error) from error
    if response.status_code in (expected or (_OK,)):
        return response
    reason = "refused" if response.status_code in (401, 403) else "unavailable"
    raise Unavailable(source, retryable=response.status_code in _WORTH_ANOTHER_TRY, reason=reason)
