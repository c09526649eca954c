"""Watching the logs of the issuers that this hospital trusts: each may grow, and never say anything else than before.

Every minute the newest checkpoint is asked for, with the proof that it grew out of the last one that was cosigned
here; then this hospital's word is put below it. A log that shrank, or that is another one than before, is an alarm:
the hospital never cosigns it again until an administrator says so (`gateway witness --accept`).
*Source:* docs/wire.md §9; C2SP tlog-witness (what a witness checks), tlog-cosignature.
"""

import asyncio
import time
from base64 import b64decode
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Literal

import httpx2
import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc.jwk import KeySet
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from beeldpas.audit.checkpoint import Checkpoint, LogKeys, cosign, witness_name
from beeldpas.audit.note import Note
from beeldpas.audit.tree import is_consistent
from beeldpas.database.engine import transaction
from beeldpas.domain.errors import BeeldpasError, Malformed
from beeldpas.gateway import witnessed
from beeldpas.gateway.settings import GatewaySettings
from beeldpas.gateway.tokens import TrustedIssuer
from beeldpas.gateway.witnessed import Alarm, Last

Outcome = Literal["cosigned", "unchanged", "stale", "unproven", "unreachable", "halted", "alarm"]
# Refused a proof so often in a row: what proves nothing for long is taken for a log that cannot.
_PATIENCE = 3
_DEADLINE_SECONDS = 10.0
# All hospitals ask at the same seconds, so that their words stand below the same checkpoint.
_AFTER_SECONDS = 2.0
log = structlog.get_logger()


class Witness:
    """Looks at each issuer's log, and remembers in the database what it cosigned."""

    def __init__(
        self,
        engine: AsyncEngine,
        client: httpx2.AsyncClient,
        issuers: Mapping[str, TrustedIssuer],
        settings: GatewaySettings,
        keys: KeySet,
        clock: Callable[[], datetime],
    ) -> None:
        self._engine = engine
        self._client = client
        self._logs = {iss: LogKeys.of(iss, issuer.keys) for iss, issuer in issuers.items()}
        self._name = witness_name(settings.base_url)
        self._source = settings.gateway_id
        self._private = _private(keys)
        self._clock = clock
        self._every = settings.witness_seconds
        self._unproven: dict[str, int] = {}
        self._told: dict[str, int] = {}
        self._said: dict[str, str] = {}

    async def run(self) -> None:
        """Look at every log, again and again until cancelled."""
        while True:
            await asyncio.sleep(self._every - (time.time() - _AFTER_SECONDS) % self._every)
            for iss in self._logs:
                outcome = await self.look(iss)
                if outcome != self._said.get(iss) and outcome not in ("cosigned", "unchanged", "alarm"):
                    log.warning("log_not_cosigned", log=self._logs[iss].origin, outcome=outcome)
                self._said[iss] = outcome

    async def look(self, iss: str) -> Outcome:
        """Look at one log once: cosign how it grew, or say why not."""
        keys = self._logs[iss]
        try:
            async with transaction(self._engine) as connection:
                last = await witnessed.last(connection, keys.origin)
            if last.alarm:
                return "halted"
            new, note = keys.read(await self._fetch(f"{iss}/log/checkpoint"))
            return await self._judge(iss, last, new, note)
        except (httpx2.HTTPError, TimeoutError, BeeldpasError, SQLAlchemyError, ValueError) as error:
            log.debug("log_not_seen", log=keys.origin, kind=type(error).__name__)
            return "unreachable"

    async def _judge(self, iss: str, last: Last, new: Checkpoint, note: Note) -> Outcome:
        if last.size == new.size and last.root == new.root:
            return await self._tell(iss, new, note, "unchanged")
        if last.size == new.size:
            return await self._alarm("forked", last, new, note)
        if last.size > new.size:
            return await self._look_back(iss, last, new, note)
        if last.size:
            proven = await self._grew(iss, (last.size, last.root), (new.size, new.root))
            if proven is None:
                return await self._wait_for_proof(last, new, note)
            if not proven:
                return await self._alarm("forked", last, new, note)
        self._unproven.pop(new.origin, None)
        async with transaction(self._engine) as connection:
            if not await witnessed.keep(connection, last, new, note, self._clock()):
                return "stale"
        return await self._tell(iss, new, note, "cosigned")

    async def _look_back(self, iss: str, last: Last, new: Checkpoint, note: Note) -> Outcome:
        """An old checkpoint may come late and be true; a log that cannot prove that it knows the newer one shrank."""
        if await self._grew(iss, (new.size, new.root), (last.size, last.root)):
            return "stale"
        return await self._alarm("shrunk", last, new, note)

    async def _wait_for_proof(self, last: Last, new: Checkpoint, note: Note) -> Outcome:
        self._unproven[new.origin] = self._unproven.get(new.origin, 0) + 1
        if self._unproven[new.origin] < _PATIENCE:
            return "unproven"
        return await self._alarm("unproven", last, new, note)

    async def _grew(self, iss: str, old: tuple[int, bytes], new: tuple[int, bytes]) -> bool | None:
        """Say whether the one tree grew out of the other; None when the log gives no proof."""
        answer = await self._get(f"{iss}/log/consistency/{old[0]}/{new[0]}")
        if answer.status_code >= httpx2.codes.INTERNAL_SERVER_ERROR:
            answer.raise_for_status()
        if answer.status_code != httpx2.codes.OK:
            return None
        try:
            path = [b64decode(line, validate=True) for line in answer.text.splitlines()]
        except ValueError:
            return False
        return is_consistent(*old, *new, path)

    async def _tell(self, iss: str, new: Checkpoint, note: Note, outcome: Outcome) -> Outcome:
        """Put this hospital's word below the checkpoint, unless the log has it already."""
        if self._told.get(new.origin) == new.size:
            return outcome
        word = cosign(note.text, self._name, self._private, self._clock())
        body = str(Note(note.text, (*note.signatures[:1], word)))
        async with asyncio.timeout(_DEADLINE_SECONDS):
            answer = await self._client.post(
                f"{iss}/log/cosignatures",
                content=body.encode(),
                headers={"Content-Type": "text/plain; charset=utf-8"},
            )
        answer.raise_for_status()
        self._told[new.origin] = new.size
        return outcome

    async def _alarm(self, why: Alarm, last: Last, new: Checkpoint, note: Note) -> Outcome:
        """Stop cosigning this log, for good, and say so everywhere."""
        log.error("log_witness_alarm", log=new.origin, why=why, seen_size=last.size, size=new.size)
        async with transaction(self._engine) as connection:
            await witnessed.stop(connection, why, last, new, note, self._source, self._clock())
        return "alarm"

    async def _fetch(self, url: str) -> str:
        answer = await self._get(url)
        answer.raise_for_status()
        return answer.text

    async def _get(self, url: str) -> httpx2.Response:
        async with asyncio.timeout(_DEADLINE_SECONDS):
            return await self._client.get(url)


def _private(keys: KeySet) -> Ed25519PrivateKey:
    found = getattr(keys.keys[0], "private_key", None)
    if not isinstance(found, Ed25519PrivateKey):
        raise Malformed("key_file")
    return found
