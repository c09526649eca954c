"""One share as its care provider sees it: whose, from which hospitals, how large, and how to get it."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from beeldpas.portal.actions.provider_view import ProviderStudy, ProviderView
from beeldpas.portal.actions.start_download import start_download
from beeldpas.portal.actions.view_share import view_share
from beeldpas.portal.pages.changed_words import changed_words
from beeldpas.portal.pages.persons import identity_lines
from beeldpas.portal.pages.visit import text
from beeldpas.portal.provider.door import GRANTS, ProviderVisit, was_opened
from beeldpas.portal.provider.progress import progress_lines
from beeldpas.portal.provider.viewing import keys_of


async def overview(request: Request) -> Response:
    """Show the share; every hospital is asked what it has right now."""
    visit = await ProviderVisit.of(request, "provider")
    share_id = request.path_params["share_id"]
    if not was_opened(visit, share_id):
        return visit.session_over()
    view = await view_share(visit.house, visit.asker, share_id)
    await _remember_grants(visit, view)
    said = (
        (part.hospital.name, item.preview.identity)
        for part in view.hospitals
        for item in part.studies
        if item.preview
    )
    return visit.page(
        "provider/overview.html",
        visit.say.t("overview.title"),
        who=visit.who,
        view=view,
        verified=visit.signed_in is not None,
        identities=identity_lines(visit.say, said),
        down={
            part.hospital.gateway_id: visit.state("download_hospital_down", hospital=part.hospital.name)
            for part in view.hospitals
            if not part.confirmed
        },
        keys=keys_of(visit, view),
        newest=newest_of(view),
        has_changed=has_changed,
        lines=progress_lines(visit.say, (part.progress for part in view.hospitals if part.progress)),
        share_id=share_id,
        changed_words=lambda item: changed_words(visit.say, item.preview.changed) if item.preview.changed else "",
    )


async def download(request: Request) -> Response:
    """Send the browser to the hospital with a one-time code."""
    visit = await ProviderVisit.of(request, "provider")
    if not was_opened(visit, request.path_params["share_id"]):
        return visit.session_over()
    grant = text(await visit.form(), "grant")
    started = await start_download(visit.house, visit.asker, grant, visit.say.language)
    return RedirectResponse(started.redirect_url, 303)


def has_changed(item: ProviderStudy) -> bool:
    """Say whether the hospital holds something else now than when the patient shared it."""
    if item.preview is None or item.preview.is_remote:
        return False
    if item.preview.changed is not None:
        return bool(item.preview.changed)
    counts = (item.preview.instances, len(item.preview.reports))
    return counts != (item.study.instances, item.study.reports)


def newest_of(view: ProviderView) -> ProviderStudy | None:
    """Return the examination that was made last, as far as days are known; None where it cannot be told."""
    items = [item for part in view.hospitals for item in part.studies]
    dated = [(item.study.started, number) for number, item in enumerate(items) if item.study.started]
    if len(items) < 2 or not dated:
        return None
    latest, number = max(dated, key=lambda one: one[0])
    return items[number] if sum(day == latest for day, _ in dated) == 1 else None


async def _remember_grants(visit: ProviderVisit, view: ProviderView) -> None:
    """Note which grants belong to this visit, so that the viewer's token is asked for by the right person."""
    handles = sorted({*visit.values.get(GRANTS, ()), *(part.grant_handle for part in view.hospitals)})
    if handles != visit.values.get(GRANTS):
        await visit.keep(**{GRANTS: handles})
