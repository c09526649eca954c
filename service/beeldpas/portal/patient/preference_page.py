"""The settings page: language, size of the letters, small pictures, reports on request, and the way to e-mail."""

from starlette.responses import RedirectResponse, Response

from beeldpas.domain.preferences import TEXT_SIZES, Preferences
from beeldpas.portal.actions.set_preferences import set_preferences
from beeldpas.portal.pages.language import address
from beeldpas.portal.pages.visit import text
from beeldpas.portal.patient.door import PatientVisit, for_patients
from beeldpas.portal.patient.preferences import as_values

_SAVED = "saved"


@for_patients
async def settings(visit: PatientVisit) -> Response:
    """Show how the pages are now; the language is the one of this page."""
    return visit.page(
        "patient/settings.html",
        visit.say.t("settings.title"),
        who="",
        here="settings",
        preferences=visit.preferences,
        text_sizes=TEXT_SIZES,
        saved=_SAVED in visit.request.query_params,
    )


@for_patients
async def set_settings(visit: PatientVisit) -> Response:
    """Keep how the pages shall be, for this visit and the next ones. Raises: Malformed for another choice."""
    form = await visit.form()
    wanted = Preferences.parse({name: text(form, name) for name in form})
    await set_preferences(visit.house, visit.asker, wanted)
    await visit.keep(**as_values(wanted))
    language = visit.say.catalogue if wanted.language == visit.say.language else wanted.language
    return RedirectResponse(address(language, f"/settings?{_SAVED}"), 303)
