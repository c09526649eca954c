"""The one place that knows status codes. An error looks different at each door:

    a page for people            the door gives a renderer
    RFC 9457 problem             portal and gateway APIs
    RFC 6749 §5.2 OAuth error    token endpoints
    FHIR OperationOutcome        the registry

The catch-all at the bottom is one of the three places where `except Exception` stands.
"""

from collections.abc import Awaitable, Callable, Mapping
from secrets import token_hex
from typing import Any, Literal

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from beeldpas.domain.errors import BeeldpasError, Conflict, Malformed, NotFound, Refused, Unavailable

Door = Literal["problem", "oauth", "fhir"]
Renderer = Callable[[Request, BeeldpasError, int], Response | Awaitable[Response]]
_BY_KIND: tuple[tuple[type[BeeldpasError], int], ...] = (
    (Refused, 403),
    (NotFound, 404),
    (Malformed, 400),
    (Conflict, 409),
    (Unavailable, 503),
)
_BY_REASON = {
    "invalid_token": 401,
    "invalid_client": 401,
    "login_required": 401,
    "too_many_requests": 429,
    "download_used_up": 429,
    "invalid_resource": 422,
    "method_not_allowed": 405,
    "not_acceptable": 406,
    "not_decodable": 406,
    "download_changed": 410,
    "taken_out": 410,
    "invalid_grant": 400,
    "unsupported_grant_type": 400,
    "too_large": 413,
    "version_conflict": 412,
}
_FHIR_CODES = {
    401: "login",
    403: "forbidden",
    404: "not-found",
    409: "conflict",
    410: "deleted",
    422: "invalid",
    429: "throttled",
    500: "exception",
    503: "transient",
}
_FROM_STATUS: dict[int, BeeldpasError] = {
    400: Malformed("bad_request"),
    401: Refused("login_required"),
    403: Refused("forbidden"),
    404: NotFound(),
    405: Malformed("method_not_allowed"),
    413: Malformed("too_large"),
}
log = structlog.get_logger()


def status_of(error: BeeldpasError) -> int:
    """Return the HTTP status for an error."""
    if error.reason in _BY_REASON:
        return _BY_REASON[error.reason]
    return next((status for kind, status in _BY_KIND if isinstance(error, kind)), 500)


def problem_response(error: BeeldpasError) -> JSONResponse:
    """*Source:* RFC 9457. `type` is a URN made of the reason; details carry no secret."""
    status = status_of(error)
    body = {
        "type": f"urn:beeldpas:problem:{error.reason}",
        "title": error.reason.replace("_", " "),
        "status": status,
        **error.detail,
    }
    return JSONResponse(body, status, _headers(error), media_type="application/problem+json")


def oauth_response(error: BeeldpasError) -> JSONResponse:
    """*Source:* RFC 6749 §5.2."""
    known = {"invalid_client", "invalid_grant", "unsupported_grant_type", "invalid_token"}
    code = error.reason if error.reason in known else "invalid_request"
    if isinstance(error, Unavailable) or error.reason == "too_many_requests":
        code = "temporarily_unavailable"
    return JSONResponse({"error": code}, status_of(error), {"Cache-Control": "no-store"} | _headers(error))


def outcome_response(error: BeeldpasError) -> JSONResponse:
    """*Source:* FHIR R4 OperationOutcome. `diagnostics` names the reason, never the value."""
    status = status_of(error)
    incident = error.detail.get("incident")
    where = f"incident {incident}" if incident else str(error.detail.get("where", ""))
    issue = {
        "severity": "error",
        "code": _FHIR_CODES.get(status, "invalid"),
        "diagnostics": error.reason.replace("_", " ") + (f": {where}" if where else ""),
    }
    body = {"resourceType": "OperationOutcome", "issue": [issue]}
    return JSONResponse(body, status, _headers(error), media_type="application/fhir+json")


_MACHINE: Mapping[Door, Callable[[BeeldpasError], Response]] = {
    "problem": problem_response,
    "oauth": oauth_response,
    "fhir": outcome_response,
}


def exception_handlers(
    door: Door = "problem", page: Renderer | None = None
) -> Mapping[Any, Callable[[Request, Exception], Any]]:
    """Return what Starlette(exception_handlers=…) takes; with `page`, people get a page.

    An error that nobody foresaw gives an incident number to both sides. Its message stays out of the log,
    since nobody can promise what it holds.
    """
    machine = _MACHINE[door]

    async def on_error(request: Request, error: Exception) -> Response:
        known = error if isinstance(error, BeeldpasError) else _translate(error)
        if page is None:
            return machine(known)
        answer = page(request, known, status_of(known))
        return answer if isinstance(answer, Response) else await answer

    async def on_incident(request: Request, error: Exception) -> Response:
        return await on_error(request, _incident(error))

    return {BeeldpasError: on_error, HTTPException: on_error, ClientDisconnect: on_error, Exception: on_incident}


def _incident(error: Exception) -> BeeldpasError:
    incident = token_hex(4)
    log.error("incident", incident=incident, kind=type(error).__name__, where=where(error))
    return BeeldpasError("server_error", {"incident": incident})


def _translate(error: Exception) -> BeeldpasError:
    if isinstance(error, ClientDisconnect):  # it hung up while it sent: nobody reads the answer
        return Malformed("bad_request")
    status = error.status_code if isinstance(error, HTTPException) else 500
    return _FROM_STATUS.get(status) or BeeldpasError("server_error")


def _headers(error: BeeldpasError) -> dict[str, str]:
    if error.reason == "invalid_token":
        return {"WWW-Authenticate": 'Bearer error="invalid_token"'}
    if isinstance(error, Unavailable) and error.retryable:
        return {"Retry-After": str(error.detail.get("n", 5))}
    if status_of(error) == 429:
        return {"Retry-After": str(error.detail.get("n", 60))}
    return {}


class LastResort:
    """The outermost handler. An answer that had begun when an error came is cut: a half may not pass for a whole.

    Starlette lets an error travel on after it was answered; here it ends. What was not begun is answered in the form
    of `door`.
    """

    def __init__(self, app: ASGIApp, door: Door = "problem") -> None:
        self.app = app
        self._answer = _MACHINE[door]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun = finished = False

        async def watched(message: Message) -> None:
            nonlocal begun, finished
            begun = True
            finished = message["type"] == "http.response.body" and not message.get("more_body", False)
            await send(message)

        try:
            await self.app(scope, receive, watched)
        except Exception as error:
            if finished:
                return
            known = _incident(error)
            if begun:
                scope["beeldpas.abort"]()
            else:
                await self._answer(known)(scope, receive, send)


def where(error: BaseException) -> list[str]:
    """Name the last frames, innermost last: file, line and function, no values."""
    frames, trace = [], error.__traceback__
    while trace:
        code = trace.tb_frame.f_code
        frames.append(f"{code.co_filename.rpartition('/')[2]}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return frames[-8:]
