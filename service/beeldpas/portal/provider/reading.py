"""A care provider reads one report of a share, as a page of the hospital that keeps it."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from beeldpas.portal.actions.read_report import read_report
from beeldpas.portal.pages.language import address
from beeldpas.portal.pages.visit import text
from beeldpas.portal.provider.door import ProviderVisit, was_opened


async def report(request: Request) -> Response:
    """Send the browser to the hospital; the form says which `grant`, `study` and `report` (its UID)."""
    visit = await ProviderVisit.of(request, "provider")
    share_id = request.path_params["share_id"]
    if not was_opened(visit, share_id):
        return visit.session_over()
    form = await visit.form()
    grant, study, wanted = (text(form, name) for name in ("grant", "study", "report"))
    back = address(visit.say.catalogue, f"/provider/shares/{share_id}")
    to = await read_report(visit.house, visit.asker, grant, study, wanted, visit.say.language, back)
    return RedirectResponse(to.redirect_url, 303)
