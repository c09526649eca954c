"""What a gateway sees of the portal that it trusts.

It signs real messages with a real key and answers over HTTP; it decides nothing, the tests do.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_urlsafe
from typing import Any
from urllib.parse import parse_qs

from joserfc.jwk import KeySet
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from tests.cast import DEKKER
from tests.running import running

from beeldpas.formats import jose
from beeldpas.formats.statuslist import TokenStatus, pack
from beeldpas.keys import write_new_keys


@dataclass
class Portal:
    """What a gateway sees of the portal."""

    folder: Path
    keys: KeySet
    base_url: str = ""
    states: dict[int, TokenStatus] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    heard: list[dict[str, Any]] = field(default_factory=list)  # every event, as often as it came
    told: list[dict[str, Any]] = field(default_factory=list)  # every event once, as the wire asks of a portal
    down: bool = False
    refuses_uses: bool = False
    answers_oddly: bool = False
    exchanges: list[dict[str, str]] = field(default_factory=list)

    def token(self, gateway: str, studies: list[str], *, now: datetime | None = None, **changed: Any) -> str:
        """Sign an access token, of a grant of its own unless `index` names the grant.

        `changed` replaces claims, `details_…` those of authorization_details.
        """
        issued = int((now or datetime.now(UTC)).timestamp())
        details: dict[str, Any] = {
            "type": "urn:beeldpas:imaging:1",
            "locations": [gateway],
            "actions": ["retrieve"],
            "basis": "share",
            "studies": studies,
            "not_after": issued + 86400,
        }
        details |= {name[8:]: changed.pop(name) for name in list(changed) if name.startswith("details_")}
        name, organisation, _ura = DEKKER
        grant = f"grant-{changed.get('index', token_urlsafe(6))}"
        index = changed.pop("index", 7)
        claims = {
            "iss": self.base_url,
            "aud": gateway,
            "sub": "receiver-1",
            "client_id": gateway,
            "iat": issued,
            "exp": issued + 300,
            "jti": token_urlsafe(16),
            "purpose": "TREAT",
            "grant": grant,
            "receiver": {"kind": "self-declared", "name": name, "organisation": organisation},
            "language": "nl",
            "authorization_details": [details],
            "status": {"status_list": {"idx": index, "uri": f"{self.base_url}/status/noord"}},
        }
        return jose.sign(claims | changed, typ="at+jwt", key=self.keys)

    def code(self, gateway: str, studies: list[str], **changed: Any) -> str:
        """Make a one-time code that stands for such a token."""
        code = token_urlsafe(32)
        self.codes[code] = self.token(gateway, studies, **changed)
        return code

    def app(self, others: Sequence[Route] = ()) -> Starlette:
        """The portal's endpoints for gateways."""
        routes = [
            *others,
            Route("/status/noord", self._status),
            Route("/token", self._token, methods=["POST"]),
            Route("/uses", self._uses, methods=["POST"]),
        ]
        return Starlette(routes=routes)

    async def _status(self, request: Request) -> Response:
        if self.down:
            return Response(status_code=503)
        issued = int(datetime.now(UTC).timestamp())
        claims = {
            "iss": self.base_url,
            "sub": f"{self.base_url}/status/noord",
            "iat": issued,
            "exp": issued + 30,
            "ttl": 1,
            "status_list": {"bits": 2, "lst": pack(64, self.states.items())},
        }
        return Response(
            jose.sign(claims, typ="statuslist+jwt", key=self.keys), media_type="application/statuslist+jwt"
        )

    async def _token(self, request: Request) -> Response:
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        self.exchanges.append(form)
        token = self.codes.pop(form["code"], None)
        if token is None:
            return JSONResponse({"error": "invalid_grant"}, 400)
        return JSONResponse({"access_token": token, "token_type": "Bearer", "expires_in": 300})

    async def _uses(self, request: Request) -> Response:
        if self.refuses_uses:
            return Response(status_code=503)
        if self.answers_oddly:
            return JSONResponse({"stored": [[]], "refused": [{}]})
        claims = json.loads(jose._decode((await request.body()).decode().split(".")[1]))
        known = {event["event_id"]: event for event in self.told}
        assert all(known.get(event["event_id"], event) == event for event in claims["events"])
        self.told += [event for event in claims["events"] if event["event_id"] not in known]
        self.heard += claims["events"]
        return JSONResponse({"stored": [event["event_id"] for event in claims["events"]], "refused": []})


@contextmanager
def portal(folder: Path, others: Sequence[Route] = ()) -> Iterator[Portal]:
    """A portal that answers on a loopback port, at these addresses too."""
    file = folder / "portal.jwks.json"
    if not file.exists():
        write_new_keys(file, "portal-1")
    found = Portal(folder, jose.load_keys(file))
    with running(found.app(others)) as port:
        found.base_url = f"http://127.0.0.1:{port}"
        yield found
