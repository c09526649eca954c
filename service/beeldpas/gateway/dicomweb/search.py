"""Searching for studies, series and instances: every search sees the studies of its grant and nothing else.

The grant comes first: only what it covers is looked up at all, so a search cannot tell what else there is.
*Source:* DICOM PS3.18 §10.6 (search transaction); no match is 204.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from beeldpas.domain.errors import NotFound
from beeldpas.formats.pieces import Pieces
from beeldpas.gateway.deliveries import Seen
from beeldpas.gateway.dicomweb import attributes as names
from beeldpas.gateway.dicomweb import negotiation
from beeldpas.gateway.dicomweb.catalogue import Card, Entry, instances_of
from beeldpas.gateway.dicomweb.matching import matches
from beeldpas.gateway.dicomweb.negotiation import JSON
from beeldpas.gateway.dicomweb.query import Query, read_query
from beeldpas.gateway.dicomweb.retrieve import use_of_its_own
from beeldpas.gateway.house import House
from beeldpas.gateway.pump import Stored
from beeldpas.gateway.tokens import Admission


def search(level: str) -> Callable[[Request], Any]:
    """Return what answers searches at a level: studies, series or instances."""

    async def answer(request: Request) -> ASGIApp:
        return await _search(request, level)

    return answer


async def _search(request: Request, level: str) -> ASGIApp:
    """Raises: Refused("invalid_token"); NotFound; Malformed with what is wrong with the parameters."""
    known = request.app.state.dicomweb
    house, admission = await known.admissions.admit(request)
    negotiation.require_json(request)
    query = read_query(request.query_params.multi_items())
    cards = [await known.catalogue.card(house, held) for held in await _granted(request, house, admission, query)]
    found = [(card, entry) for card in cards async for entry in _entries(house, card, level, request, query)]
    given = found[query.offset : query.offset + query.limit]
    if not given:
        return Response(status_code=204)
    shown = _shown(level, request.path_params, query)
    content = json.dumps([shown(entry) for _, entry in given], separators=(",", ":"), ensure_ascii=False).encode()
    fields = {"Content-Type": JSON}
    if (left := len(found) - query.offset - len(given)) > 0:
        fields["Warning"] = f'299 {house.settings.gateway_id} "There are {left} additional results"'
    studies = tuple({card.held.uid: card for card, _ in given})
    return use_of_its_own(house, admission, studies, Pieces[Stored]([content]), fields, Seen())


async def _granted(request: Request, house: House, admission: Admission, query: Query) -> list[Any]:
    """Look up what the grant covers and the search can mean. Raises: NotFound for a path outside the grant."""
    asked = request.path_params.get("study")
    if asked is not None and not admission.grant.covers(asked):
        raise NotFound
    uids = [asked] if asked is not None else sorted(admission.grant.studies)
    wanted = [value for path, value in query.keys if path == (names.STUDY_UID,)]
    uids = [uid for uid in uids if all(matches(_named(uid), (names.STUDY_UID,), value, False) for value in wanted)]
    onlooker = admission.onlooker(house.clock())
    held = [await house.shelf.study(uid, onlooker, admission.confirmed) for uid in uids]
    found = [study for study in held if study is not None]
    series = request.path_params.get("series")
    if (
        asked is not None
        and not wanted
        and not any(series in (None, one.uid) for study in found for one in study.series)
    ):
        raise NotFound
    return found


def _named(uid: str) -> Entry:
    return {names.STUDY_UID: {"vr": "UI", "Value": [uid]}}


async def _entries(house: House, card: Card, level: str, request: Request, query: Query) -> Any:
    """Give what matches, each with the attributes of the levels above it."""
    if level == "studies":
        if _fits(card.study, query):
            yield card.study
        return
    asked = request.path_params.get("series")
    series = [one for one in card.held.series if asked in (None, one.uid)]
    if level == "series":
        entries: Iterable[Entry] = ({**card.study, **card.series[one.uid]} for one in series)
    else:
        found = await instances_of(house, card, series)
        entries = ({**card.study, **card.series[one.uid], **entry} for one, entry in found)
    for entry in entries:
        if _fits(entry, query):
            yield entry


def _fits(entry: Entry, query: Query) -> bool:
    return all(matches(entry, path, value, query.fuzzy) for path, value in query.keys)


def _shown(level: str, path: Mapping[str, str], query: Query) -> Callable[[Entry], Entry]:
    """Return what picks the attributes to give: of the level, of levels that no path names, and those asked for."""
    tags = set(names.GIVEN[level]) | query.wanted | {key[0] for key, _ in query.keys}
    tags |= {names.STUDY_UID} | ({names.SERIES_UID} if level != "studies" else set())
    if level != "studies" and "study" not in path:
        tags |= names.GIVEN["studies"]
    if level == "instances" and "series" not in path:
        tags |= names.GIVEN["series"]

    def shown(entry: Entry) -> Entry:
        return dict(sorted(_picked(entry, tags, query.everything)))

    return shown


def _picked(entry: Entry, tags: set[str], everything: bool) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """What is always given is there without a value too; large values have addresses in the metadata only."""
    yield from ((tag, {"vr": names.vr_of(tag)}) for tag in tags & names.ALWAYS - entry.keys())
    for tag, element in entry.items():
        if (everything or tag in tags) and "BulkDataURI" not in element:
            yield tag, element
