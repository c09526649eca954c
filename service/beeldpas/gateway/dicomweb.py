"""DICOMweb retrieve of exactly what was granted: study, series, instance, and their metadata.

A study outside the grant, a series of another study and a UID that does not exist are one and the same 404.
Files are given as they are stored; another transfer syntax than theirs is not acceptable.
*Source:* DICOM PS3.18 §10.4 (retrieve), §8.7 (negotiation), Annex F (JSON model).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from secrets import token_hex

from starlette.requests import Request
from starlette.types import ASGIApp

from beeldpas.audit.events import Use as UseKind
from beeldpas.database.engine import transaction
from beeldpas.domain.errors import Malformed, NotFound, Refused
from beeldpas.formats import multipart
from beeldpas.formats.accept import MediaRange, read_accept
from beeldpas.formats.pieces import Pieces
from beeldpas.gateway.holdings import HeldInstance, HeldSeries, HeldStudy
from beeldpas.gateway.house import House
from beeldpas.gateway.index import model_of
from beeldpas.gateway.pump import Stored
from beeldpas.gateway.respond import Body, BodyResponse
from beeldpas.gateway.tokens import Admission
from beeldpas.gateway.uses import Holder

_DICOM, _RELATED, _JSON = "application/dicom", "multipart/related", "application/dicom+json"


@dataclass(frozen=True, slots=True)
class _Found:
    """The instances that a path names, each with the path of its own."""

    study: HeldStudy
    instances: Sequence[tuple[str, HeldInstance]]


async def retrieve(request: Request) -> ASGIApp:
    """Give the files that a path names.

    Raises: Refused("invalid_token"); NotFound; Malformed("not_acceptable").
    """
    house, admission = await _admitted(request)
    found = await _find(house, admission, request)
    files = [instance for _, instance in found.instances]
    if _wants_one(_accepted(request), files, single="instance" in request.path_params):
        kind = f"{_DICOM}; transfer-syntax={files[0].transfer_syntax}"
        return _answer(house, admission, found, Pieces([files[0].file]), kind)
    boundary = f"beeldpas-{token_hex(24)}"
    parts = [
        multipart.Part(f"{_DICOM}; transfer-syntax={instance.transfer_syntax}", location, instance.file)
        for location, instance in found.instances
    ]
    kind = multipart.content_type(_DICOM, boundary)
    return _answer(house, admission, found, multipart.lay_out(parts, boundary), kind)


async def metadata(request: Request) -> ASGIApp:
    """Give the headers of what a path names, as an array in the DICOM JSON model."""
    house, admission = await _admitted(request)
    found = await _find(house, admission, request)
    if not any(wanted.covers(_JSON) or wanted.covers("application/json") for wanted in _accepted(request)):
        raise Malformed("not_acceptable")
    async with transaction(house.engine) as connection:
        models = await model_of(connection, [instance for _, instance in found.instances])
    array = f"[{','.join(models)}]".encode()
    return _answer(house, admission, found, Pieces[Stored]([array]), _JSON)


async def _admitted(request: Request) -> tuple[House, Admission]:
    house: House = request.app.state.house
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise Refused("invalid_token")
    admission = house.trust.admit(token.strip(), house.clock())
    try:
        house.statuses.require(admission.key)
    except Refused as error:
        raise Refused("invalid_token") from error
    return house, admission


async def _find(house: House, admission: Admission, request: Request) -> _Found:
    """Find what a path names within the grant. Raises: NotFound, the same for foreign and unknown."""
    asked = request.path_params
    if not admission.grant.covers(asked["study"]):
        raise NotFound
    study = await house.shelf.study(asked["study"])
    if study is None:
        raise NotFound
    instances = [
        (f"/dicom-web/studies/{study.uid}/series/{series.uid}/instances/{instance.sop_uid}", instance)
        for series in study.series
        if _is_asked(series, asked.get("series"))
        for instance in series.instances
        if asked.get("instance") in (None, instance.sop_uid)
    ]
    if not instances:
        raise NotFound
    return _Found(study, instances)


def _is_asked(series: HeldSeries, uid: str | None) -> bool:
    return uid is None or series.uid == uid


def _accepted(request: Request) -> tuple[MediaRange, ...]:
    """Return what the client takes; an `accept` parameter outranks the field."""
    return read_accept(request.query_params.get("accept") or request.headers.get("accept"))


def _wants_one(accepted: Sequence[MediaRange], files: Sequence[HeldInstance], single: bool) -> bool:
    """Say whether one bare file is wanted most, rather than parts. Raises: Malformed("not_acceptable")."""
    for wanted in accepted:
        if not _fits(wanted, files):
            continue
        if wanted.covers(_RELATED) and wanted.parameters.get("type", _DICOM).lower() == _DICOM:
            return False
        if single and wanted.covers(_DICOM):
            return True
    raise Malformed("not_acceptable")


def _fits(wanted: MediaRange, files: Sequence[HeldInstance]) -> bool:
    syntax = wanted.parameters.get("transfer-syntax", "*")
    return syntax == "*" or all(file.transfer_syntax == syntax for file in files)


def _answer(
    house: House, admission: Admission, found: _Found, pieces: Pieces[Stored], content_type: str
) -> BodyResponse:
    grant = admission.grant
    body = Body(
        pieces=pieces,
        headers={"Content-Type": content_type, "Vary": "Accept, Authorization"},
        etag=None,
        kind=UseKind.RETRIEVE,
        holder=Holder(grant.issuer, grant.handle, admission.subject, grant.receiver, admission.purpose, grant.basis),
        studies=(found.study.uid,),
        key=admission.key,
    )
    return BodyResponse(house, body)
