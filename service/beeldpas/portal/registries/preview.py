"""Asking a hospital what it holds right now: counts, sizes, series and reports of studies, signed by its gateway.

Nobody else can say it: the answer counts only with the signature of the keys that the directory has for that
hospital. *Source:* docs/wire.md §3.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

import httpx2
from joserfc.jwk import KeySet

from beeldpas.domain.errors import Malformed, Refused, Unavailable
from beeldpas.domain.identity import Doubt
from beeldpas.formats import jose
from beeldpas.formats.hospitals import Hospital
from beeldpas.portal.directory import Directory
from beeldpas.portal.registries.calling import called
from beeldpas.portal.registries.doubting import tell
from beeldpas.portal.registries.held import GatewayPreview, read_preview
from beeldpas.portal.registries.question import Question, Signer

PREVIEW = "preview+jwt"
_AT_ONCE = 200  # studies in one request; a longer history is asked for in parts


@dataclass(frozen=True, slots=True)
class Gateways:
    """The hospitals' gateways; `client` may call the addresses of the directory only."""

    directory: Directory
    keys: Mapping[str, KeySet]
    client: httpx2.AsyncClient
    signer: Signer
    clock: Callable[[], datetime]

    @classmethod
    def load(cls, directory: Directory, client: httpx2.AsyncClient, signer: Signer) -> Self:
        """Read the keys that the directory names. Raises: OSError, ValueError for an unfit key file."""
        keys = {hospital.gateway_id: jose.load_keys(hospital.jwks_file) for hospital in directory.hospitals}
        return cls(directory, keys, client, signer, signer.clock)

    async def preview(
        self,
        gateway_id: str,
        studies: Sequence[str],
        language: str,
        question: Question,
        confirmed: int | None = None,
    ) -> GatewayPreview:
        """Return what a hospital holds of these studies, and what changed in them since generation `confirmed`.

        Raises: NotFound for a hospital that is not in the directory; Unavailable, with the hospital as its source.
        """
        hospital, wanted = self.directory.taking_part(gateway_id), sorted(set(studies))
        parts = (wanted[start : start + _AT_ONCE] for start in range(0, len(wanted), _AT_ONCE))
        rest = {"language": language} | ({"confirmed": {"generation": confirmed}} if confirmed is not None else {})
        answers = await asyncio.gather(*(self._ask(hospital, part, rest, question) for part in parts))
        return GatewayPreview(
            studies=tuple(study for answer in answers for study in answer.studies),
            missing=frozenset(uid for answer in answers for uid in answer.missing),
            generation=min((answer.generation for answer in answers), default=0),
        )

    async def _ask(
        self, hospital: Hospital, studies: Sequence[str], rest: Mapping[str, object], question: Question
    ) -> GatewayPreview:
        token = self.signer.sign(question, hospital.base_url)
        response = await called(
            hospital.gateway_id,
            self.client.post(
                f"{hospital.base_url}/preview",
                headers={"Authorization": f"Bearer {token.reveal()}", "Accept": "application/jwt"},
                json={"studies": studies, **rest},
            ),
        )
        return self._verified(hospital, response, frozenset(studies))

    async def doubt(self, doubt: Doubt, question: Question) -> None:
        """Tell a hospital that others contradict it about whose a study is.

        Raises: NotFound for a hospital that is not in the directory; Unavailable, with the hospital as its source.
        """
        await tell(self.directory.taking_part(doubt.hospital), doubt, question, self.client, self.signer)

    def _verified(self, hospital: Hospital, response: httpx2.Response, asked: frozenset[str]) -> GatewayPreview:
        try:
            claims = jose.verify(
                response.content.decode("ascii").strip(),
                typ=PREVIEW,
                keys=self.keys[hospital.gateway_id],
                issuer=hospital.base_url,
                audience=self.signer.issuer,
                now=self.clock(),
            )
            return read_preview(claims, asked)
        except (Refused, Malformed, UnicodeDecodeError) as error:
            raise Unavailable(hospital.gateway_id, retryable=False, reason="unreadable") from error
