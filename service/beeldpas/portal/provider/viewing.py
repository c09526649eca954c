"""Care providers look at the images of a share: a page with the viewer, which asks for tokens with their grants."""

import hmac
from collections.abc import Sequence
from secrets import token_hex

from starlette.requests import Request
from starlette.responses import Response

from beeldpas.domain.errors import NotFound
from beeldpas.portal.actions.provider_view import HospitalPart, ProviderStudy, ProviderView
from beeldpas.portal.actions.view_share import view_share
from beeldpas.portal.pages.persons import identity_lines
from beeldpas.portal.pages.viewer_page import Looking, ShownReport, ShownStudy, newest_first, viewer_settings
from beeldpas.portal.pages.visit import text
from beeldpas.portal.patient.shown_studies import study_key
from beeldpas.portal.provider.door import GRANTS, SHARES, ProviderVisit

_VIEWS = "views"
_KEPT_VIEWS = 4


async def look(request: Request) -> Response:
    """Put the viewer's page together and go there; the first study is the one that the form names."""
    visit = await ProviderVisit.of(request, "provider")
    share_id = request.path_params["share_id"]
    if not any(pair[0] == share_id for pair in visit.values.get(SHARES, ())):
        return visit.session_over()
    key = text(await visit.form(), "study")
    view = await view_share(visit.house, visit.asker, share_id)
    all_of_it = [(part, item) for part in view.hospitals for item in part.studies if item.preview is not None]
    wanted = [pair for pair in all_of_it if hmac.compare_digest(key_of(visit, *pair).encode(), key.encode())]
    if not wanted:
        raise NotFound()
    first, others = wanted[0], [pair for pair in all_of_it if pair is not wanted[0]]
    looking = Looking(
        (_shown(*first), *newest_first([_shown(*pair) for pair in others])),
        f"/provider/shares/{share_id}",
        _person(visit, [first]),
    )
    handle = token_hex(8)
    views = dict([*visit.values.get(_VIEWS, {}).items(), (handle, looking.as_values())][-_KEPT_VIEWS:])
    held = {part.grant_handle for part in view.hospitals}
    await visit.keep(**{_VIEWS: views, GRANTS: sorted({*visit.values.get(GRANTS, ()), *held})})
    return visit.go(f"/provider/view/{handle}")


async def viewer(request: Request) -> Response:
    """Show the viewer; what it needs was kept in this visit."""
    visit = await ProviderVisit.of(request, "provider")
    kept = visit.values.get(_VIEWS, {}).get(request.path_params["handle"])
    if kept is None:
        return visit.session_over()
    looking = Looking.kept(kept)
    first = looking.studies[0]
    return visit.page(
        "viewer.html",
        visit.say.title(first),
        who=visit.who,
        csp="viewer",
        images_from={one.gateway_id for one in looking.studies},
        looking=looking,
        study=first,
        hospital=visit.house.directory.by_id(first.gateway_id).name,
        settings=viewer_settings(visit, looking, {}),
        no_script=visit.state("viewer_no_js"),
        download=(f"{looking.back}/download", {"grant": first.grant}),
    )


def key_of(visit: ProviderVisit, part: HospitalPart, item: ProviderStudy) -> str:
    """Return the name of a study at a hospital in this visit's forms: it tells nothing and ends with the visit."""
    return study_key(visit, f"{part.hospital.gateway_id} {item.study.uid}")


def keys_of(visit: ProviderVisit, view: ProviderView) -> dict[tuple[str, str], str]:
    """Return these names by hospital and study, for the page that lists them."""
    return {
        (part.hospital.gateway_id, item.study.uid): key_of(visit, part, item)
        for part in view.hospitals
        for item in part.studies
    }


def _person(visit: ProviderVisit, shown: Sequence[tuple[HospitalPart, ProviderStudy]]) -> str:
    """Say whose images these are, as they say themselves: name and date of birth."""
    told = ((part.hospital.name, item.preview.identity) for part, item in shown if item.preview)
    return " · ".join(f"{line.name}, {line.birth_date}" for line in identity_lines(visit.say, told))


def _shown(part: HospitalPart, item: ProviderStudy) -> ShownStudy:
    study, held = item.study, item.preview
    reports = held.reports if held else ()
    return ShownStudy(
        uid=study.uid,
        gateway_id=part.hospital.gateway_id,
        grant=part.grant_handle,
        started=study.started.isoformat() if study.started else "",
        modalities=study.modalities,
        body_part=study.body_part,
        laterality=study.laterality,
        reports=tuple(
            ShownReport(one.title, "", one.series_uid, one.sop_uid, one.kind)
            for one in reports
            if one.series_uid and not one.is_replaced
        ),
    )
