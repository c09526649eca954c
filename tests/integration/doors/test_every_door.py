"""What holds at every address of the portal, found by walking its routes, so that a new door cannot be forgotten."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from tests.house.routes import addresses
from tests.portal_doors import FORM, SAME_SITE, Doors, Visitor

# Programs that prove themselves with a signature and carry no cookie.
MACHINES = {"/token", "/uses", "/log/cosignatures"}
ADDRESSES = [
    (method, re.sub(r"\{[^}]*\}", "0", path))
    for methods, path in sorted(addresses("portal"))
    for method in methods.split(", ")
    if "…" not in path
]
POSTS = [path for method, path in ADDRESSES if method == "POST" and path not in MACHINES]
GETS = [path for method, path in ADDRESSES if method == "GET"]
CRLF = ("\r\nX-Evil: 1", "%0d%0aX-Evil:%201", "\u560d\u560aX-Evil: 1", "\nSet-Cookie: a=b")


async def everybody(doors: Doors) -> Iterator[Visitor]:
    """Somebody at each door, and somebody at none."""
    return iter([doors.visitor(), await doors.patient(), await doors.provider(), await doors.agent()])


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "https://evil.example"},
        {"Origin": "https://portal.example.evil.example"},
        {"Origin": "null"},
        {"Referer": "https://portal.example/"},
        {},
    ],
    ids=str,
)
async def test_no_form_of_another_site_is_taken_at_any_address(doors: Doors, headers: dict[str, str]) -> None:
    for visitor in await everybody(doors):
        for path in POSTS:
            for prefix in ("", "/en"):
                answer = await visitor.client.post(prefix + path, data={"a": "b"}, headers=headers)
                assert (path, answer.status_code) == (path, 403)


async def test_no_page_can_be_framed_and_every_page_says_what_it_may_load(doors: Doors) -> None:
    for visitor in await everybody(doors):
        for path in GETS:
            headers = (await visitor.client.get(path)).headers
            framed_by = ("SAMEORIGIN", "'self'") if path.endswith("/session/clock") else ("DENY", "'none'")
            assert (path, headers.get("x-frame-options")) == (path, framed_by[0])
            assert (path, f"frame-ancestors {framed_by[1]}" in headers["content-security-policy"]) == (path, True)
            assert (path, "unsafe-" in headers["content-security-policy"]) == (path, False)
            assert (path, headers.get("x-content-type-options")) == (path, "nosniff")
            assert (path, headers.get("access-control-allow-origin")) == (path, None)


async def test_what_an_address_shows_one_person_is_kept_for_nobody(doors: Doors) -> None:
    public = {
        "/jwks.json",
        "/.well-known/oauth-authorization-server",
        "/status/0",
        "/log/checkpoint",
        "/log/jwks.json",
    }
    for visitor in await everybody(doors):
        for path in GETS:
            caching = (await visitor.client.get(path)).headers["cache-control"]
            assert (path, caching if path in public or path.startswith("/log/") else "no-store") == (path, caching)


async def test_every_cookie_is_for_this_host_alone_and_no_script_reads_it(doors: Doors) -> None:
    seen = 0
    for visitor in await everybody(doors):
        for path in GETS:
            for cookie in (await visitor.client.get(path)).headers.get_list("set-cookie"):
                attributes = {part.strip().partition("=")[0].lower() for part in cookie.split(";")[1:]}
                assert cookie.startswith("__Host-"), path
                assert {"httponly", "secure", "path", "samesite"} <= attributes, path
                assert "domain" not in attributes, path
                seen += 1
    assert seen >= 3


@pytest.mark.parametrize("evil", CRLF)
async def test_no_line_end_in_a_form_reaches_a_header(doors: Doors, evil: str) -> None:
    for visitor in await everybody(doors):
        for path in POSTS:
            fields = dict.fromkeys(
                ("code", "link", "pin", "name", "organisation", "reference", "ura", "hospital", "grant", "then",
                 "days", "for_whom", "patient_name", "next", "why", "email"),
                f"x{evil}",
            )  # fmt: skip
            answer = await visitor.client.post(path, data=fields, headers=SAME_SITE | FORM)
            assert "x-evil" not in answer.headers, path
            assert all("\r" not in value and "\n" not in value for value in answer.headers.values()), path
            assert answer.headers.get("set-cookie", "__Host-").startswith("__Host-"), path
            assert "evil" not in answer.headers.get("location", "").lower(), path


@pytest.mark.parametrize(
    "path",
    ["//evil.example/", "/en//evil.example/", "/\\evil.example/", "/%2f%2fevil.example/", "/en/%5cevil.example",
     "/en", "/en/", "//portal.example/timeline", "/..//evil.example", "/%0d%0aLocation:%20https://evil.example",
     "/static//evil.example", "/static/..%2f..%2fpyproject.toml", "/static/%2e%2e/%2e%2e/pyproject.toml",
     "/%2e%2e/timeline", "/timeline/..;/metrics", "/shares/%2e%2e%2fmetrics", "/metrics%00", "/metrics/", "/METRICS",
     "/%6detrics?x=1#"],
)  # fmt: skip
async def test_no_way_of_writing_a_path_leads_elsewhere_or_past_a_guard(doors: Doors, path: str) -> None:
    anna = await doors.patient()
    answer = await anna.client.get(f"https://portal.example{path}", headers={"X-Forwarded-For": "192.0.2.1"})
    location = answer.headers.get("location", "/")
    assert location.startswith("/") and not location.startswith(("//", "/\\"))
    assert "beeldpas_portal_sessions" not in answer.text
    assert "[build-system]" not in answer.text


async def test_a_sign_in_comes_back_to_a_page_of_ours_whatever_the_address_asked_for(doors: Doors) -> None:
    for door in ("/sign-in", "/provider/sign-in", "/helpdesk/sign-in"):
        for name in ("next", "return_to", "redirect_uri", "url", "to"):
            away = await doors.visitor().client.get(f"{door}?{name}={quote('https://evil.example/')}")
            assert "evil" not in away.headers["location"]


async def test_a_host_that_somebody_made_up_stands_in_no_answer(doors: Doors) -> None:
    for visitor in await everybody(doors):
        for path in (*GETS, "/timeline/", "/helpdesk/", "/s/", "/static/x/"):
            made_up = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "X-Original-URL": "/metrics"}
            answer = await visitor.client.get(path, headers={**made_up, "X-Rewrite-URL": "/metrics"})
            assert (path, "evil.example" in answer.text) == (path, False)
            assert (path, "evil.example" in str(answer.headers.multi_items())) == (path, False)
