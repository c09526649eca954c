"""Reading the manifests that an index lists: several at once, one of each pair of twins, none for long."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import structlog

from beeldpas.domain.errors import Malformed, Unavailable
from beeldpas.formats.found import Found, FoundStudy
from beeldpas.formats.manifests import Listed, Manifest, twins

MOST = 1000
_AT_ONCE = 8
_SECONDS = 2.0
Read = Callable[[Manifest], Awaitable[FoundStudy]]
log = structlog.get_logger()


async def read_all(listed: Listed, read: Read) -> Found:
    """Return what the manifests tell; those that nobody could fetch or read are counted, of the newest 1,000."""
    groups = sorted(twins(listed.manifests), key=lambda group: max(str(one.day or "") for one in group), reverse=True)
    places = asyncio.Semaphore(_AT_ONCE)

    async def one_of(group: Sequence[Manifest]) -> FoundStudy | None:
        async with places:
            return await _first_readable(group, read)

    studies = await asyncio.gather(*(one_of(group) for group in groups[:MOST]))
    return Found(
        studies=tuple(one for one in studies if one is not None),
        reports=listed.reports,
        unreadable=listed.unreadable + studies.count(None),
        complete=listed.complete and len(groups) <= MOST,
        warnings=listed.warnings,
        failed=listed.failed,
    )


async def _first_readable(group: Sequence[Manifest], read: Read) -> FoundStudy | None:
    for manifest in group:
        try:
            async with asyncio.timeout(_SECONDS):
                return await read(manifest)
        except (Malformed, Unavailable, TimeoutError) as error:
            log.warning("manifest_unread", encoding=manifest.encoding, kind=getattr(error, "reason", "late"))
    return None
