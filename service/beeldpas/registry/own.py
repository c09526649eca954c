"""The doors for a hospital to read back what it published: its own entries, and no other's.

Nobody's number or name is in them. *Source:* FHIR R4 §3.1.0.1 (read), §3.1.0.2 (vread), §3.1.0.9 (history).
"""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from beeldpas.database.engine import transaction
from beeldpas.domain.errors import BeeldpasError, Malformed, NotFound
from beeldpas.formats.fhir import bundles, systems, text
from beeldpas.formats.fhir.text import Resource
from beeldpas.formats.hospitals import Hospital
from beeldpas.formats.instance_lists import put_together
from beeldpas.registry import links
from beeldpas.registry.answer import instant, resource_of
from beeldpas.registry.bearer import publishing_hospital
from beeldpas.registry.index import Index
from beeldpas.registry.search import next_page
from beeldpas.registry.store import instances, own
from beeldpas.registry.store.own import Span
from beeldpas.registry.store.places import DELETED, Place
from beeldpas.registry.wanted import changed_of, count_of

_KIND = "own"
_NOBODY: Resource = {"subject": {"extension": [{"url": systems.ABSENT, "valueCode": "masked"}]}}
_ELEMENTS = "identifier,status"
_PARAMETERS = frozenset({"_count", "_lastUpdated", "_elements"})


async def studies_by_address(request: Request) -> Response:
    """`GET /fhir/ImagingStudy`: a hospital's own studies, or the next page of an answer."""
    index: Index = request.app.state.index
    try:
        publishing_hospital(index, request)
    except BeeldpasError:
        if links.PARAMETER in request.query_params:
            return await next_page(request)
        raise
    return await own_entries(request, kind="ImagingStudy")


async def own_entries(request: Request, *, kind: str) -> Response:
    """`GET /fhir/{kind}`: one page of a hospital's entries, in order; what was taken out is not among them."""
    index: Index = request.app.state.index
    hospital = publishing_hospital(index, request)
    sealed_as = f"{_KIND} {kind}"
    asked = _asked_for(index, hospital, request, sealed_as)
    last, most = asked["after"], asked["most"]
    async with transaction(index.engine) as connection:
        found = await own.places_after(connection, (hospital.gateway_id, kind), last, most + 1, _span(asked))
    page, following = found[:most], ""
    if len(found) > len(page):
        following = index.links.make(sealed_as, {**asked, "after": page[-1].key}, hospital.base_url, kind)
    outlines = (_outline(kind, place) for place in page)
    bundle = bundles.searchset(index.settings.fhir_base, outlines, [], following=following, address=kind)
    del bundle["total"]  # nobody needs it enough to count a million
    return _answer(bundle)


def _asked_for(index: Index, hospital: Hospital, request: Request, sealed_as: str) -> dict[str, Any]:
    form = {name: tuple(request.query_params.getlist(name)) for name in request.query_params}
    if links.PARAMETER in form:
        return index.links.open(sealed_as, form[links.PARAMETER][0], hospital.base_url)
    if set(form) - _PARAMETERS or form.get("_elements") != (_ELEMENTS,) or len(form.get("_count", "1")) != 1:
        raise Malformed("parameter_not_supported", {"where": f"_elements={_ELEMENTS}, _count and _lastUpdated"})
    changed = [moment.isoformat() if moment else None for moment in changed_of(form)]
    return {"after": "", "most": count_of(form), "changed": changed}


def _span(asked: Mapping[str, Any]) -> Span:
    begin, end = asked["changed"]
    return Span.of(begin, end)


def _outline(kind: str, place: Place) -> Resource:
    """An entry's identifier, status, version and digest."""
    system, _, value = (
        (systems.DICOM_UID, "", systems.OID_PREFIX + place.key)
        if kind == "ImagingStudy"
        else place.key.partition("|")
    )
    return {
        "resourceType": kind,
        "id": place.entry_id,
        "meta": {
            "versionId": str(place.version),
            "lastUpdated": instant(place.updated_at),
            "tag": [
                {"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "SUBSETTED"},
                {"system": systems.DIGEST, "code": place.digest.hex()},
            ],
        },
        "identifier": [{"system": system, "value": value}],
        "status": place.status,
        **_NOBODY,
    }


async def read_entry(request: Request, *, kind: str) -> Response:
    """`GET /fhir/{kind}/{id}` and `GET /fhir/{kind}/{id}/_history/{version}`."""
    index: Index = request.app.state.index
    hospital = publishing_hospital(index, request)
    wanted = request.path_params.get("version")
    async with transaction(index.engine) as connection:
        versions = await own.versions(connection, hospital.gateway_id, kind, request.path_params["id"])
        found = next((one for one in versions if wanted in (None, str(one.version))), None)
        if found is None:
            raise NotFound
        lists = await instances.of_version(connection, found.kept.entry_id, found.version)
    if found.status == DELETED:
        raise NotFound("taken_out")
    answer = _answer(put_together(resource_of(found.kept), lists) | _NOBODY)
    answer.headers["ETag"] = bundles.etag(found.version)
    return answer


async def entry_history(request: Request, *, kind: str) -> Response:
    """`GET /fhir/{kind}/{id}/_history`."""
    index: Index = request.app.state.index
    hospital = publishing_hospital(index, request)
    async with transaction(index.engine) as connection:
        versions = await own.versions(connection, hospital.gateway_id, kind, request.path_params["id"])
        if not versions:
            raise NotFound
        lists = await instances.of_versions(connection, versions[0].kept.entry_id)
    told = (
        (
            one.version,
            instant(one.kept.updated_at),
            None
            if one.status == DELETED
            else put_together(resource_of(one.kept), lists.get(one.version, {})) | _NOBODY,
        )
        for one in versions
    )
    return _answer(bundles.history(index.settings.fhir_base, f"{kind}/{versions[0].kept.entry_id}", told))


def _answer(resource: Resource) -> Response:
    return Response(text.render(resource), media_type=text.MEDIA_TYPE)
