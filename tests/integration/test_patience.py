"""A limit to the head of a request is no limit to its body, however the network cuts it into pieces."""

from socket import create_connection
from time import sleep

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send
from tests.running import running

from beeldpas.web.patience import LARGEST_HEAD


async def weigh(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer how long the body was; the server's own start and stop need no answer."""
    if scope["type"] != "http":
        return
    answer: Response = PlainTextResponse(str(len(await Request(scope, receive).body())))
    await answer(scope, receive, send)


@pytest.mark.parametrize("at_once", [False, True], ids=["head first", "head and body together"])
def test_a_body_may_end_in_more_bytes_than_a_head_may_have(at_once: bool) -> None:
    body = bytes(3 * LARGEST_HEAD)
    head = b"POST / HTTP/1.1\r\nhost: noord\r\ncontent-length: %d\r\nconnection: close\r\n\r\n" % len(body)
    with running(weigh) as port:
        for _ in range(20):
            with create_connection(("127.0.0.1", port), timeout=10) as line:
                if at_once:
                    line.sendall(head + body)
                else:
                    line.sendall(head)
                    sleep(0.01)
                    line.sendall(body)
                answer = b"".join(iter(lambda line=line: line.recv(65536), b""))
            assert answer.startswith(b"HTTP/1.1 200 ")
            assert answer.endswith(b"\r\n%d" % len(body))
