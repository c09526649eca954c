"""After signing in somebody goes on to a page of this portal, and never to another host."""

import pytest

from beeldpas.portal.pages.signing_in import own_path


@pytest.mark.parametrize(
    "path", ["/", "/helpdesk", "/helpdesk/shares/K7P-4QX-92M/stop", "/helpdesk/shares?page=2&of=~a%20b", "/a.b_c-d"]
)
def test_a_path_of_our_own_is_remembered(path: str) -> None:
    assert own_path(path) == path


@pytest.mark.parametrize(
    "path",
    [
        "",
        "helpdesk",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "///evil.example",
        "https://evil.example/",
        "javascript:alert(1)",
        "/helpdesk\r\nSet-Cookie: a=b",
        "/helpdesk\n",
        "/\t/evil.example",
        "/helpdesk#//evil.example",
        " /helpdesk",
        "/%2f/evil.example",
        "/é",
        "/" + "a" * 300,
    ],
)
def test_what_leads_elsewhere_is_forgotten(path: str) -> None:
    assert own_path(path) == ""
