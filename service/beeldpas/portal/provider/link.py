"""The link page: where a link, a QR code or a letter leads. Loading it changes nothing."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from beeldpas.domain import crockford
from beeldpas.domain.codes import CODE_CHARACTERS, ShareCode
from beeldpas.domain.errors import BeeldpasError, Malformed, Refused
from beeldpas.portal.actions.redeem_share import Redeemed, redeem_share
from beeldpas.portal.pages.pace import count_code
from beeldpas.portal.pages.states import StateText, state_key, state_page
from beeldpas.portal.pages.visit import text
from beeldpas.portal.provider.door import DECLARED, SHARES, ProviderVisit
from beeldpas.portal.provider.kept import KEPT, kept_of, read_code, read_pin, what_to_keep
from beeldpas.web.errors import status_of

_FIELDS = ("code", "link", "pin", "name", "organisation", "function")
_FIELD_OF = {
    "code_missing": "code",
    "code_mistyped": "code",
    "link_stripped": "code",
    "code_unknown": "code",
    "pin_missing": "pin",
    "pin_format": "pin",
    "pin_wrong": "pin",
    "who_missing": "name",
}
# What may still open later with the same code and PIN.
_WORTH_KEEPING = frozenset({"provider_login_required", "share_other_org"})
_LONGEST = 120


async def link(request: Request) -> Response:
    """Show the form."""
    visit = await ProviderVisit.of(request, "provider")
    kept = kept_of(visit)
    code = ShareCode(kept["code"]).grouped() if "code" in kept else ""
    typed = visit.values.get(DECLARED, {}).get("typed", {})
    return _page(visit, {**dict.fromkeys(_FIELDS, ""), **typed, "code": code}, {})


async def open_share(request: Request) -> Response:
    """Open the share, or go and sign in first; what is wrong is said beside its field."""
    visit = await ProviderVisit.of(request, "provider")
    sent = await visit.form()
    form = {name: text(sent, name)[:_LONGEST] if name != "link" else text(sent, name) for name in _FIELDS}
    await count_code(visit.house, visit.signed_in, visit.address)
    if text(sent, "then") == "sign_in":
        response = visit.go("/provider/sign-in")
        await visit.remember(response, **{KEPT: what_to_keep(visit, form)})
        return response
    try:
        return await _redeem(visit, form)
    except (Malformed, Refused) as error:
        return await _refusal(visit, form, error)


async def _redeem(visit: ProviderVisit, form: dict[str, str]) -> Response:
    code = read_code(visit.house.secrets, form["code"], form["link"])
    pin = read_pin(visit, form["pin"])
    response = visit.go("/s")
    await visit.remember(response, **_declared(visit, form))
    redeemed = await redeem_share(visit.house, visit.asker, code, pin)
    await visit.keep(**{SHARES: _with(visit, redeemed), KEPT: {}})
    response.headers["location"] = visit.go(f"/provider/shares/{redeemed.share_id}").headers["location"]
    return response


async def _refusal(visit: ProviderVisit, form: dict[str, str], error: BeeldpasError) -> Response:
    """Say what is wrong at the field, or on a page of its own when no field can mend it."""
    if error.reason in _FIELD_OF:
        said = visit.state(state_key(visit.say.t, error), **error.detail)
        answer = _page(visit, {**form, "pin": ""}, {_FIELD_OF[error.reason]: said}, status_of(error))
    else:
        answer = state_page(visit.request, state_key(visit.say.t, error), error.detail, status_of(error))
    if visit.session is not None:
        worth = error.reason in _WORTH_KEEPING
        await visit.keep(**{KEPT: what_to_keep(visit, form) if worth else {}})
        visit.sessions.set_cookie(answer, visit.session)
    return answer


def _page(visit: ProviderVisit, form: dict[str, str], errors: dict[str, StateText], status: int = 200) -> Response:
    return visit.page(
        "provider/link.html",
        visit.say.t("link.title"),
        who=visit.who,
        status=status,
        errors=errors,
        form={**form, "code": _as_printed(form["code"])},
        pin_is_kept="pin" in kept_of(visit),
        care_provider=visit.signed_in,
        shares=[tuple(pair) for pair in visit.values.get(SHARES, ())],
    )


def _as_printed(typed: str) -> str:
    """Return a code in the groups of the letter, so that the two can be compared; what is none stays as it is."""
    code = crockford.normalise(typed)
    return ShareCode(code).grouped() if len(code) == CODE_CHARACTERS else typed


def _declared(visit: ProviderVisit, form: dict[str, str]) -> dict[str, dict[str, Any]]:
    """Return who somebody says they are. Raises: Malformed("who_missing")."""
    if visit.signed_in is not None:
        return {}
    if not form["name"] or not form["organisation"]:
        raise Malformed("who_missing")
    name = f"{form['name']} ({form['function']})" if form["function"] else form["name"]
    typed = {field: form[field] for field in ("name", "function", "organisation")}
    return {DECLARED: {"name": name, "organisation": form["organisation"], "typed": typed}}


def _with(visit: ProviderVisit, redeemed: Redeemed) -> list[list[str]]:
    before = [pair for pair in visit.values.get(SHARES, ()) if pair[0] != redeemed.share_id]
    return [*before, [redeemed.share_id, redeemed.share.reference]]
