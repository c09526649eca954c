"""How long after the helpdesk's request the last byte still arrives: 100 downloads of 10 Mbit/s each, in ten shares.

Everything is real: portal, helpdesk, registry, the hospital's gateway, nginx in front of it, TLS. Shares are stopped
one after another, a fraction of a second apart, so that they fall on every phase of the gateway's rhythm. Downloads
of other shares run beside them and must arrive whole.
"""

import asyncio
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench.figures import Figure
from tests.bench.receivers import Receiver
from tests.bench.town import Helpdesk, Opened, Town, open_share, sign_in, town

STOPPED_SHARES, NEIGHBOUR_SHARES = 10, 3
CONNECTIONS, NEIGHBOUR_CONNECTIONS = 5, 1  # of each of the two leases of a share
_RUN_UP_SECONDS, _APART_SECONDS, _PATIENCE_SECONDS = 4.0, 0.23, 30.0


@dataclass(frozen=True, slots=True)
class Stopped:
    """What one run found: seconds to the last byte of each download, and the longest wait of a neighbour."""

    seconds: Sequence[float]
    neighbour_wait: float


def revoke_to_last_byte_s_p99(folder: Path) -> list[Figure]:
    """Measure on the gateway's own port, and behind nginx; the row is the worse of the two."""
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder) as own, town(Path(own) / "town", folder / "samples") as here:
        direct = asyncio.run(_run(here, here.direct))
        proxied = asyncio.run(_run(here, here.behind_nginx))
    return [
        Figure("revoke_to_last_byte_s_p99", "s", [max(_p99(direct.seconds), _p99(proxied.seconds))]),
        Figure("revoke_direct_s_p99", "s", [_p99(direct.seconds)]),
        Figure("revoke_behind_nginx_s_p99", "s", [_p99(proxied.seconds)]),
        Figure("revoke_direct_s", "s", direct.seconds),
        Figure("revoke_behind_nginx_s", "s", proxied.seconds),
        Figure("revoke_neighbour_longest_wait_s", "s", [direct.neighbour_wait, proxied.neighbour_wait]),
    ]


async def _run(here: Town, port: int) -> Stopped:
    async with here.browser() as patient, here.browser() as staff:
        await sign_in(here, patient)
        opened = [await open_share(here, patient) for _ in range(STOPPED_SHARES + NEIGHBOUR_SHARES)]
        doomed, spared = opened[:STOPPED_SHARES], opened[STOPPED_SHARES:]
        digest = await asyncio.to_thread(_in_peace, here, spared[0])
        helpdesk = Helpdesk(here, staff)
        await helpdesk.sign_in()
        pages = [await helpdesk.ready_to_stop(share.reference) for share in doomed]
        downloads = [_begin(here, share, port, CONNECTIONS) for share in doomed]
        neighbours = [one for share in spared for one in _begin(here, share, port, NEIGHBOUR_CONNECTIONS)]
        everybody = [*neighbours, *(one for some in downloads for one in some)]
        await asyncio.to_thread(_wait_until_all_run, everybody)
        _make_sure(all(one.is_running for one in everybody), "every download runs", [o.ended for o in everybody])
        stops = [asyncio.create_task(_stop(helpdesk, page, n * _APART_SECONDS)) for n, page in enumerate(pages)]
        asked_at = await asyncio.gather(*stops)
        await asyncio.to_thread(_join, [one for some in downloads for one in some])
    wait = max(one.longest_wait for one in neighbours)
    await asyncio.to_thread(_finish, neighbours, digest)
    return Stopped([_seconds(one, at) for some, at in zip(downloads, asked_at, strict=True) for one in some], wait)


def _wait_until_all_run(everybody: Sequence[Receiver]) -> None:
    end = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < end and not all(one.is_running for one in everybody):
        time.sleep(0.1)
    time.sleep(_RUN_UP_SECONDS)


async def _stop(helpdesk: Helpdesk, page: object, after: float) -> float:
    await asyncio.sleep(after)
    return await helpdesk.stop(page)


def _in_peace(here: Town, share: Opened) -> str:
    """Download once while nothing else happens; returns the SHA-256 that all of this study must have."""
    one = Receiver(share.leases[0], here.direct, here.trust)
    _finish([one], None)
    return str(one.hasher.hexdigest())


def _begin(here: Town, share: Opened, port: int, count: int) -> list[Receiver]:
    return [Receiver(lease, port, here.trust) for lease in share.leases for _ in range(count)]


def _join(downloads: Sequence[Receiver]) -> None:
    for one in downloads:
        one.thread.join(_PATIENCE_SECONDS)


def _finish(neighbours: Sequence[Receiver], digest: str | None) -> None:
    """Let the neighbours run to their end, and compare what they got."""
    for one in neighbours:
        one.free.set()
    for one in neighbours:
        one.thread.join(10 * _PATIENCE_SECONDS)
    _make_sure(all(one.is_whole for one in neighbours), "every neighbour is whole", [o.ended for o in neighbours])
    right = {digest or neighbours[0].hasher.hexdigest()}
    _make_sure({one.hasher.hexdigest() for one in neighbours} == right, "every neighbour's SHA-256 is right", right)


def _seconds(one: Receiver, asked_at: float) -> float:
    _make_sure(bool(one.ended) and not one.is_whole, "a stopped download is broken", one.ended)
    return one.last_byte_at - asked_at


def _p99(seconds: Sequence[float]) -> float:
    return sorted(seconds)[math.ceil(0.99 * len(seconds)) - 1]


def _make_sure(held: bool, what: str, found: object) -> None:
    if not held:
        raise RuntimeError(f"not so: {what}: {found}")
