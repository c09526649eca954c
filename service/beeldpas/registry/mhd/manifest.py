"""The door of ITI-68: one manifest, as FHIR or as a DICOM file, at the sealed address that a list gave.

The address says of whom, which entry and which version, and only this registry can read that: an index that keeps no
numbers would otherwise not know whose name to write into it. *Source:* IHE ITI MHD §3.68; docs/wire.md §2.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Self

from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import Response

from beeldpas.audit.events import Lookup
from beeldpas.domain.bsn import BSN
from beeldpas.domain.errors import BeeldpasError, Malformed, NotFound
from beeldpas.formats.fhir import text
from beeldpas.formats.fhir.envelopes import MEDIA_TYPES
from beeldpas.formats.fhir.manifest_writing import write_manifest
from beeldpas.formats.kos_writing import write_kos
from beeldpas.formats.mado import Manifested, Told
from beeldpas.formats.manifests import Encoding
from beeldpas.formats.question import Asked
from beeldpas.registry import asking, links
from beeldpas.registry.answer import shown
from beeldpas.registry.answering import answered, whose
from beeldpas.registry.index import Index
from beeldpas.registry.mhd.holders import holders_of
from beeldpas.registry.store import documents, instances
from beeldpas.registry.store.lookup import Audience

_KIND = "manifest"
_DOORS: Mapping[Encoding, str] = {"fhir": "Bundle", "kos": "Binary"}


@dataclass(frozen=True, slots=True)
class ManifestWanted:
    """One manifest of one person."""

    bsn: BSN
    entry_id: str
    version: int
    uid: str

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> Self:
        """Read what `address_of` wrote."""
        return cls(BSN.parse(facts["bsn"]), facts["entry"], facts["version"], facts["uid"])


@dataclass(frozen=True, slots=True)
class Found:
    """The one manifest that was asked for."""

    told: Manifested
    total: int = 1


def address_of(index: Index, told: Told, encoding: Encoding, reader: str) -> str:
    """Return where one manifest can be fetched by `reader`, for ten minutes."""
    facts = {"bsn": told.bsn.reveal(), "entry": told.entry_id, "version": told.version, "uid": told.uid}
    return index.links.below(index.settings.mhd_base).make(_KIND, facts, reader, _DOORS[encoding])


async def read_manifest(request: Request, *, encoding: Encoding) -> Response:
    """`GET /mhd/Bundle?_page=…` and `GET /mhd/Binary?_page=…`."""
    index: Index = request.app.state.index
    now = index.clock()
    asked = asking.question_of(index, request, now, index.settings.mhd_base)
    wanted = _wanted(index, request, asked)
    found = await answered(index, asked, wanted, partial(_find, index), now, Lookup.READ_MANIFEST)
    body = await asyncio.to_thread(_written, found.told, encoding)
    return Response(body, media_type=MEDIA_TYPES[encoding])


def _wanted(index: Index, request: Request, asked: Asked | BeeldpasError) -> ManifestWanted | BeeldpasError:
    try:
        if isinstance(asked, BeeldpasError) or list(request.query_params) != [links.PARAMETER]:
            raise Malformed("page_not_known")
        return ManifestWanted.of(index.links.open(_KIND, request.query_params[links.PARAMETER], whose(asked)))
    except Malformed as error:
        return error


async def _find(
    index: Index,
    connection: AsyncConnection,
    _asked: Asked,
    wanted: ManifestWanted,
    names: Sequence[str],
    audience: Audience,
) -> Found | BeeldpasError:
    """Find it anew: what was taken out, changed or kept back since the list was given is not there any more."""
    kept = (await documents.of_entries(connection, names, audience, [wanted.entry_id])).get(wanted.entry_id)
    if kept is None or kept.version != wanted.version:
        return NotFound()
    lists = await instances.of_version(connection, kept.entry_id, kept.version)
    holder = (await holders_of(index, connection, [kept.gateway_id]))[kept.gateway_id]
    told = Manifested(kept.entry_id, kept.version, kept.updated_at, wanted.bsn, holder, shown(kept), lists)
    return Found(told) if lists and told.uid == wanted.uid else NotFound()


def _written(told: Manifested, encoding: Encoding) -> bytes:
    return write_kos(told) if encoding == "kos" else text.render(write_manifest(told)).encode()
