"""What every answer carries, what another site may not ask, and how errors look."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from beeldpas.domain.errors import BeeldpasError, Conflict, Malformed, NotFound, Refused, Unavailable
from beeldpas.web.csrf import CrossSiteGuard
from beeldpas.web.errors import exception_handlers, oauth_response, outcome_response, problem_response, status_of
from beeldpas.web.headers import SecurityHeaders
from beeldpas.web.serve import harden

ORIGIN = "https://portal.example"


async def hello(request: Request) -> Response:
    return PlainTextResponse("hello")


async def refuse(request: Request) -> Response:
    raise Refused("share_expired", {"date": "8 december 2026"})


async def break_down(request: Request) -> Response:
    raise RuntimeError("the BSN is 999990019")


def app() -> Any:
    routes = [
        Route("/", hello, methods=["GET", "POST"]),
        Route("/token", hello, methods=["POST"]),
        Route("/static/a.css", hello),
        Route("/refuse", refuse),
        Route("/break", break_down),
    ]
    guards = [
        Middleware(SecurityHeaders, csp="default-src 'self'", hsts=True),
        Middleware(CrossSiteGuard, origin=ORIGIN, exempt=("/token",)),
    ]
    return harden(Starlette(routes=routes, middleware=guards, exception_handlers=exception_handlers("problem")))


@pytest.fixture
async def browser() -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app()), base_url=ORIGIN) as client:
        yield client


async def test_every_answer_is_closed_to_other_sites_and_caches(browser: httpx2.AsyncClient) -> None:
    headers = (await browser.get("/")).headers
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"] == "default-src 'self'"
    assert headers["strict-transport-security"].startswith("max-age=31536000")


async def test_static_files_are_kept_but_missing_ones_are_not(browser: httpx2.AsyncClient) -> None:
    assert "immutable" in (await browser.get("/static/a.css")).headers["cache-control"]
    assert (await browser.get("/static/none.css")).headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("headers", "welcome"),
    [
        ({"sec-fetch-site": "same-origin"}, True),
        ({"sec-fetch-site": "same-origin", "origin": "null"}, True),
        ({"sec-fetch-site": "cross-site", "origin": ORIGIN}, False),
        ({"sec-fetch-site": "same-site"}, False),
        ({"origin": ORIGIN}, True),
        ({"origin": "https://evil.example"}, False),
        ({"origin": "null"}, False),
        ({}, False),
    ],
)
async def test_a_change_must_come_from_our_own_pages(
    browser: httpx2.AsyncClient, headers: dict[str, str], welcome: bool
) -> None:
    answer = await browser.post("/", headers=headers)
    assert answer.status_code == (200 if welcome else 403)


async def test_programs_that_prove_themselves_need_no_origin(browser: httpx2.AsyncClient) -> None:
    assert (await browser.post("/token")).status_code == 200


async def test_a_refusal_is_a_problem_document(browser: httpx2.AsyncClient) -> None:
    answer = await browser.get("/refuse")
    assert answer.status_code == 403
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == "urn:beeldpas:problem:share_expired"


async def test_an_unforeseen_error_gives_a_number_and_keeps_its_message(
    browser: httpx2.AsyncClient, capfd: pytest.CaptureFixture[str]
) -> None:
    answer = await browser.get("/break")
    assert answer.status_code == 500
    assert answer.json()["incident"]
    said = capfd.readouterr()
    assert "999990019" not in answer.text + said.out + said.err
    assert answer.json()["incident"] in said.out + said.err


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Refused("pin_wrong"), 403),
        (Refused("invalid_token"), 401),
        (Refused("too_many_requests"), 429),
        (NotFound(), 404),
        (Malformed("uid"), 400),
        (Malformed("invalid_resource"), 422),
        (Conflict("double_submit"), 409),
        (Unavailable("noord"), 503),
        (BeeldpasError("odd"), 500),
    ],
)
def test_each_error_has_one_status(error: BeeldpasError, status: int) -> None:
    assert status_of(error) == problem_response(error).status_code == outcome_response(error).status_code == status


def test_token_endpoints_speak_oauth() -> None:
    assert json.loads(oauth_response(Refused("invalid_grant")).body) == {"error": "invalid_grant"}
    assert json.loads(oauth_response(Malformed("uid")).body) == {"error": "invalid_request"}
    assert oauth_response(Unavailable("database")).status_code == 503
