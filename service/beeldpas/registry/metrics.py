"""What the registry counts, for whoever keeps it running."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, Counter, Histogram
from starlette.types import ASGIApp, Receive, Scope, Send

from beeldpas.domain.errors import BeeldpasError

registry = CollectorRegistry()
questions = Counter("beeldpas_registry_questions", "Questions by how they ended", ["outcome"], registry=registry)
published = Counter("beeldpas_registry_published", "Entries taken from hospitals", ["hospital"], registry=registry)
refused = Counter(
    "beeldpas_registry_messages_refused", "Messages of hospitals that were refused", ["hospital", "reason"],
    registry=registry,
)  # fmt: skip
seconds = Histogram(
    "beeldpas_registry_seconds", "How long requests took", ["route"], registry=registry,
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)  # fmt: skip


@contextmanager
def counting(hospital: str) -> Iterator[None]:
    """Count a message of a hospital that is refused within the block."""
    try:
        yield
    except BeeldpasError as error:
        refused.labels(hospital, error.reason).inc()
        raise


class Timed:
    """Counts how long requests take, by route."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = time.perf_counter()
        try:
            await self.app(scope, receive, send)
        finally:
            route = getattr(scope.get("route"), "path", "-")
            seconds.labels(route).observe(time.perf_counter() - begun)
