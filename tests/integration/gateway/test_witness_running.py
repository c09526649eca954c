"""A gateway that serves looks at the log of its portal by itself, and notices when it is shown another one."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import SimpleNamespace

import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from tests.hospital import serving, settings, wait_until
from tests.hospital_portal import portal
from tests.portal_log import PortalLog

from beeldpas.audit.checkpoint import LogKeys
from beeldpas.demo.processes import free_ports
from beeldpas.formats import jose
from beeldpas.gateway.status import utc_now
from beeldpas.portal import log_door


class Shown:
    """The portal's doors to its log, on whichever database the test shows."""

    def __init__(self) -> None:
        self.house = SimpleNamespace()
        self.words = 0

    def routes(self) -> list[Route]:
        return [Route(one.path, self._door(one), methods=[*(one.methods or ())]) for one in log_door.routes()]

    def _door(self, route: Route):
        async def door(request: Request) -> Response:
            request.app.state.house = self.house
            answer = await route.endpoint(request)
            await self.house.engine.dispose()  # in the loop that used it
            self.words += request.method == "POST" and answer.status_code == 204
            return answer

        return door


async def _logs(folder: Path, keys: LogKeys) -> tuple[PortalLog, PortalLog]:
    """Two logs that are the same up to the fifth event."""
    one = await PortalLog.new(folder / "portal.db", keys)
    one.clock.now = utc_now()
    await one.write(5)
    other = await one.fork(folder / "forked.db")
    await one.write(3)
    await other.write(4)
    await one.engine.dispose()
    await other.engine.dispose()
    return one, other


@pytest.mark.timeout(120)
def test_a_serving_gateway_notices_a_forked_log_by_itself(tmp_path: Path) -> None:
    shown = Shown()
    with portal(tmp_path, shown.routes()) as trusted:
        found = settings(tmp_path, trusted, free_ports(1)[0], witness_seconds=0.2)
        (tmp_path / "files").mkdir()
        keys = LogKeys.of(trusted.base_url, jose.load_keys(tmp_path / "portal.jwks.json"))
        one, other = asyncio.run(_logs(tmp_path, keys))
        noord = SimpleNamespace(gateway_id="noord", base_url=found.base_url)
        gateway_keys = {"noord": jose.load_keys(found.key_file)}
        honest, forked = (log.house(noord, gateway_keys) for log in (one, other))
        shown.house = honest
        with serving(found, trusted) as served:
            wait_until(lambda: shown.words == 1, 30)
            assert "beeldpas_gateway_log_alarms 0.0" in served.client.get("/metrics").text
            shown.house = forked
            wait_until(lambda: "beeldpas_gateway_log_alarms 1.0" in served.client.get("/metrics").text, 30)
            (told,) = [row for row in served.log() if row["kind"] == "witness_alarm"]
            assert (told["reason"], told["seen_size"], told["size"]) == ("forked", 8, 9)
            assert served.client.get("/health/ready").status_code == 200, "care goes on"
            assert shown.words == 1
