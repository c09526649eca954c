"""Patients look at their own images: a page with the viewer, and a token for the hospital when the viewer asks.

The page is made of what the registries and hospitals said when the button was pressed; loading it changes nothing.
The own grant of a study is made when the viewer first asks for it, so that the log tells what was looked at and not
what could be compared with it. The small pictures of a list have one grant at each hospital, and only for whoever
switched them on.
"""

from collections.abc import Collection
from secrets import token_hex

from starlette.responses import Response

from beeldpas.database.engine import transaction
from beeldpas.domain.errors import NotFound
from beeldpas.domain.study import Report, Study
from beeldpas.portal.access_token import IssuedToken
from beeldpas.portal.actions.open_own import open_own, open_own_pictures
from beeldpas.portal.actions.opened_reports import opened_reports
from beeldpas.portal.actions.view_images import view_images
from beeldpas.portal.actions.view_timeline import find_study
from beeldpas.portal.pages.viewer_page import Looking, ShownReport, ShownStudy, newest_first, viewer_settings
from beeldpas.portal.pages.visit import text
from beeldpas.portal.patient.door import PatientVisit, for_patients
from beeldpas.portal.patient.shown_studies import is_named, study_key
from beeldpas.portal.patient.timeline_filter import PAGE
from beeldpas.portal.store import grants
from beeldpas.portal.words import codes

_VIEWS = "views"
_KEPT_VIEWS = 4
_TO_COMPARE = 40


@for_patients
async def look(visit: PatientVisit) -> Response:
    """Put the viewer's page together and go there."""
    key = visit.request.path_params["key"]
    hospital = text(await visit.form(), "hospital")

    def is_wanted(one: Study) -> bool:
        return bool(one.holdings) and is_named(visit, one, key)

    found = await find_study(visit.house, visit.asker, visit.bsn, is_wanted)
    wanted = next(filter(is_wanted, found.studies), None)
    if wanted is None:
        raise NotFound()
    opened = await _may_lie_open(visit)
    compared = (one for one in found.studies if one is not wanted and one.holdings and _has_images(one))
    others = newest_first([_shown(visit, one, opened) for one in compared])
    looking = Looking((_shown(visit, wanted, opened, hospital), *others[:_TO_COMPARE]), f"/studies/{key}")
    handle = token_hex(8)
    views = dict([*visit.values.get(_VIEWS, {}).items(), (handle, looking.as_values())][-_KEPT_VIEWS:])
    await visit.keep(**{_VIEWS: views})
    return visit.go(f"/view/{handle}")


@for_patients
async def viewer(visit: PatientVisit) -> Response:
    """Show the viewer; what it needs was kept in this visit. Raises: NotFound."""
    kept = visit.values.get(_VIEWS, {}).get(visit.request.path_params["handle"])
    if kept is None:
        raise NotFound()
    looking = Looking.kept(kept)
    first = looking.studies[0]
    over = visit.state("session_ended")
    words = {f"state.viewer_stopped.{part}": getattr(over, part) for part in ("title", "why", "next")}
    return visit.page(
        "viewer.html",
        visit.say.title(first),
        who="",
        here="timeline",
        csp="viewer",
        images_from={one.gateway_id for one in looking.studies},
        looking=looking,
        study=first,
        hospital=visit.house.directory.by_id(first.gateway_id).name,
        settings=viewer_settings(visit, looking, words),
        no_script=visit.state("viewer_no_js"),
        download=(f"{looking.back}/download", {"hospital": first.gateway_id}),
    )


async def own_token(visit: PatientVisit, grant: str) -> IssuedToken:
    """Return a token for a grant of this patient, or for a study of a viewer's page, whose grant is made now.

    Raises: NotFound; Refused(share_expired, share_revoked, session_ended); Unavailable.
    """
    named = _named_by(visit, grant)
    if named is None:
        return await view_images(visit.house, visit.asker, grant)
    async with transaction(visit.house.engine) as connection:
        had = await grants.of_visit(
            connection, visit.asker.session, named.gateway_id, frozenset({named.uid}), visit.now
        )
    made = had.grant if had else await open_own(visit.house, visit.asker, visit.bsn, named.uid, named.gateway_id)
    return await view_images(visit.house, visit.asker, made.handle)


async def pictures_token(visit: PatientVisit, gateway_id: str, studies: Collection[str]) -> IssuedToken:
    """Return a token for the small pictures of own studies at one hospital.

    Raises: NotFound, also when this patient did not switch them on; else as own_token.
    """
    if not visit.preferences.thumbnails or len(studies) > PAGE:
        raise NotFound()
    made = await open_own_pictures(visit.house, visit.asker, visit.bsn, studies, gateway_id)
    return await view_images(visit.house, visit.asker, made.handle)


def _named_by(visit: PatientVisit, grant: str) -> ShownStudy | None:
    kept = (Looking.kept(values) for values in visit.values.get(_VIEWS, {}).values())
    return next((one for looking in kept for one in looking.studies if one.grant == grant), None)


def _has_images(study: Study) -> bool:
    return any(codes.kind(code) is codes.Kind.IMAGE for code in study.modalities)


async def _may_lie_open(visit: PatientVisit) -> frozenset[str]:
    """Return the reports that may lie beside the images: those opened before. A page asks about the rest."""
    if visit.preferences.reports_on_request:
        return frozenset()
    return await opened_reports(visit.house, visit.asker)


def _shown(visit: PatientVisit, study: Study, opened: frozenset[str], hospital: str = "") -> ShownStudy:
    held_at = {holding.gateway_id for holding in study.holdings}
    gateway_id = hospital if hospital in held_at else study.origin.gateway_id
    return ShownStudy(
        uid=study.uid,
        gateway_id=gateway_id,
        # The same name for the same study of a visit, however often its page is opened.
        grant=f"own-{study_key(visit, f'{gateway_id} {study.uid}')}",
        started=study.started.isoformat() if study.started else "",
        modalities=study.modalities,
        body_part=study.body_part,
        laterality=study.laterality,
        reports=tuple(_report(one) for one in study.reports if one.series_uid and one.identifier in opened),
    )


def _report(one: Report) -> ShownReport:
    issued = one.issued.isoformat() if one.issued else ""
    return ShownReport(one.title, issued, one.series_uid, one.identifier, one.kind)
