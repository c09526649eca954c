"""What every registry of the contract suite shares: a real HTTP server, what is registered there, and its moods.

Each kind has a stub of its own protocol beside this file: it checks what it is sent by that protocol's rules and
answers in its messages, without a line of the portal's adapters.
"""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from tests.cast import NOORD, WEST, Organisation
from tests.running import running

from beeldpas.demo.registries.entries import Alone, Entry
from beeldpas.formats.hospitals import Hospital
from beeldpas.portal.directory import Directory
from beeldpas.web.outbound import open_client

Answer = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Sent:
    """One request as it arrived."""

    url: str
    headers: dict[str, str]
    body: bytes


@dataclass(slots=True)
class Stub(ABC):
    """A registry's server; `mood` answers instead of it, `sent` is what it was asked."""

    port: int = 0
    entries: tuple[Entry, ...] = ()
    alone: tuple[Alone, ...] = ()
    mood: Answer | None = None
    sent: list[Sent] = field(default_factory=list)

    @property
    def base_url(self) -> str:
        """Where the registry is."""
        return f"http://registry.localhost:{self.port}"

    @property
    def keeps_older(self) -> bool:
        """Whether its answers still hold a report that was replaced."""
        return True

    @property
    def accession_issuer(self) -> str:
        """Whose number an entry's accession number is said to be."""
        return "2.16.1"

    @property
    def hosts(self) -> tuple[str, ...]:
        """What else the portal's client may call for this registry."""
        return ()

    def hospital(self, place: Organisation) -> str:
        """The address of a hospital's gateway."""
        return f"http://{place.gateway_id}.localhost:{self.port}"

    def images_at(self, entry: Entry) -> str:
        """Where an entry says that its images are."""
        return entry.address or f"{self.hospital(entry.at)}/dicom-web"

    @property
    def directory(self) -> Directory:
        """The hospitals that take part."""
        return Directory(
            tuple(
                Hospital(one.gateway_id, one.name, one.ura, self.hospital(one), Path("keys"), "0800 0100")
                for one in (NOORD, WEST)
            )
        )

    def reset(self) -> None:
        """Forget everything that was registered and sent."""
        self.entries, self.alone, self.mood = (), (), None
        self.sent.clear()

    async def respond(self, request: Request) -> Response:
        body = await request.body()
        self.sent.append(Sent(str(request.url), dict(request.headers), body))
        return await (self.mood(request) if self.mood else self.answer(request, body))

    @abstractmethod
    async def answer(self, request: Request, body: bytes) -> Response:
        """Answer as the protocol asks."""

    def client(self, deadline: float, hosts: tuple[str, ...] = ()) -> httpx2.AsyncClient:
        """A client with the portal's bounds."""
        return open_client(hosts=[self.base_url, *hosts], deadline=deadline, max_bytes=1_000_000)


@contextmanager
def served(stub: Stub) -> Iterator[Stub]:
    """Run a stub for one block."""
    routes = [Route("/{path:path}", stub.respond, methods=["GET", "POST"])]
    with running(Starlette(routes=routes)) as port:
        stub.port = port
        yield stub
