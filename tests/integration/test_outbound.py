"""A program calls whom its configuration names, and reads no more than it said it would."""

import asyncio

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from tests.running import running

from beeldpas.web.outbound import NotListed, TooLarge, open_client, unavailable
from beeldpas.web.serve import harden


async def large(request: Request) -> Response:
    return Response(bytes(2000))


async def elsewhere(request: Request) -> Response:
    return RedirectResponse("http://169.254.169.254/latest/meta-data")


async def named(request: Request) -> Response:
    return Response(request.headers["host"])


APP = harden(Starlette(routes=[Route("/large", large), Route("/elsewhere", elsewhere), Route("/", named)]))


async def test_names_under_localhost_are_this_machine() -> None:
    with running(APP) as port:
        base = f"http://noord.localhost:{port}"
        async with open_client(hosts=[base]) as client:
            assert (await client.get(base)).text == f"noord.localhost:{port}"


async def test_an_answer_larger_than_the_limit_is_not_read_to_the_end() -> None:
    with running(APP) as port:
        base = f"http://noord.localhost:{port}"
        async with open_client(hosts=[base], max_bytes=1999) as client:
            with pytest.raises(TooLarge):
                await client.get(f"{base}/large")


async def hangs(request: Request) -> Response:
    await asyncio.sleep(3600)
    return Response()


async def test_a_host_that_hangs_takes_no_connection_from_the_others() -> None:
    app = Starlette(routes=[Route("/hangs", hangs, methods=["POST"]), Route("/", named)])
    with running(app) as port:
        hanging, fine = (f"http://{name}.localhost:{port}" for name in ("west", "noord"))
        async with open_client(hosts=[hanging, fine]) as client:
            stuck = [asyncio.create_task(client.post(f"{hanging}/hangs", timeout=60)) for _ in range(150)]
            await asyncio.sleep(0.5)
            assert (await client.get(fine, timeout=20)).text == f"noord.localhost:{port}"
            for one in stuck:
                one.cancel()
            await asyncio.gather(*stuck, return_exceptions=True)


async def test_a_redirect_is_an_answer_not_an_order() -> None:
    with running(APP) as port:
        base = f"http://noord.localhost:{port}"
        async with open_client(hosts=[base]) as client:
            assert (await client.get(f"{base}/elsewhere")).status_code == 307


@pytest.mark.parametrize(
    "address",
    [
        "http://169.254.169.254/latest/meta-data",
        "http://noord.localhost:1/",
        "https://noord.localhost:8080/",
        "http://noord.localhost:8080@evil.example/",
        "http://someone@noord.localhost:8080/",
        "http://notspecified/",
        "http://noord.localhost.evil.example:8080/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::ffff:169.254.169.254]/latest/meta-data/",
        "http://2852039166/",
        "http://metadata.internal.example/",
        "http://127.0.0.1:8080/",
        "http://[::1]:8080/",
        "http://0.0.0.0:8080/",
        "http://localhost:8080/",
        "http://noord.localhost:22/",
        "http://noord.localhost.:8080/",
        "http://NOORD.localhost.evil.example:8080/",
        "http://noord.localhost:8080@169.254.169.254/",
        "http://169.254.169.254#@noord.localhost:8080/",
        "http://169.254.169.254\\@noord.localhost:8080/",
        "http://nооrd.localhost:8080/",
    ],
)
async def test_an_address_that_is_not_on_the_list_is_never_called(address: str) -> None:
    async with open_client(hosts=["http://noord.localhost:8080"]) as client:
        with pytest.raises(NotListed):
            await client.get(address)


@pytest.mark.parametrize(
    "scheme",
    [
        "file:///etc/passwd",
        "gopher://noord.localhost:8080/",
        "ftp://noord.localhost:8080/",
        "unix:///run/x",
        "http://0251.0376.0251.0376/",
    ],
)
async def test_no_other_way_of_calling_or_of_writing_a_number_is_known(scheme: str) -> None:
    async with open_client(hosts=["http://noord.localhost:8080"]) as client:
        with pytest.raises((NotListed, httpx2.UnsupportedProtocol, httpx2.InvalidURL)):
            await client.get(scheme)


async def test_a_name_is_not_looked_up_before_it_is_on_the_list(monkeypatch: pytest.MonkeyPatch) -> None:
    """So a name that changes its address between two look-ups (rebinding) has nothing to gain."""
    asked: list[object] = []
    monkeypatch.setattr("socket.getaddrinfo", lambda *arguments, **_: asked.append(arguments))
    async with open_client(hosts=["http://noord.localhost:8080"]) as client:
        for address in ("http://rebind.evil.example/", "http://169.254.169.254/"):
            with pytest.raises(NotListed):
                await client.get(address)
    assert asked == []


def test_only_failures_that_may_pass_are_worth_a_second_try() -> None:
    assert unavailable("noord", httpx2.ReadTimeout("late")).retryable
    assert not unavailable("noord", TooLarge("large")).retryable
