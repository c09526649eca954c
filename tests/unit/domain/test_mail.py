"""An address is one plain address, or it is refused: nothing of it can become a header or a second recipient."""

import pytest

from beeldpas.domain.errors import Malformed
from beeldpas.domain.mail import MailAddress


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("anna@post.example", "anna@post.example"),
        ("  anna@post.example\n", "anna@post.example"),
        ("Anna.de-Vries+beelden@Post.Example", "Anna.de-Vries+beelden@post.example"),
        ("anna@bücher.example", "anna@xn--bcher-kva.example"),
        ("o'brien@a.b.c.example", "o'brien@a.b.c.example"),
    ],
)
def test_an_ordinary_address_is_read(typed: str, read: str) -> None:
    assert MailAddress.parse(typed).reveal() == read
    assert "anna" not in repr(MailAddress.parse(typed))


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "anna",
        "@post.example",
        "anna@",
        "anna@localhost",
        "anna@post..example",
        "anna@-post.example",
        ".anna@post.example",
        "an..na@post.example",
        "anna@post.example\r\nBcc: dief@example.com",
        "anna\r\nBcc: dief@example.com@post.example",
        "anna@post.example, dief@example.com",
        "anna@post.example dief@example.com",
        "dief@example.com,anna@post.example",
        "Anna <anna@post.example>",
        '"anna smit"@post.example',
        "<anna@post.example>",
        "anna@[127.0.0.1]",
        "anna@post.example\x00",
        "änna@post.example",
        "anna@post\u2028.example",
        "a" * 65 + "@post.example",
        "anna@" + "a" * 64 + ".example",
        "anna@" + ".".join(["abcdefgh"] * 30) + ".example",
    ],
)
def test_anything_else_is_refused(typed: str) -> None:
    with pytest.raises(Malformed) as refusal:
        MailAddress.parse(typed)
    assert refusal.value.reason == "address_mistyped"
