"""What a provider must say of itself before anybody is sent there: it is the agreed one, and does what we insist on.

A provider that cannot is no outage: it is the wrong one, or set up wrongly, and no later try will help.
*Source:* OpenID Connect Discovery 1.0 §3, §4.3; RFC 9126 §5; RFC 9207 §3; RP-Initiated Logout 1.0 §2.1.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from beeldpas.domain.errors import Unavailable
from beeldpas.portal.settings import IssuerSettings

STAND_IN = "beeldpas_stand_in"
_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri")
_PUSHED, _LEAVING = "pushed_authorization_request_endpoint", "end_session_endpoint"
_ABILITIES = (
    ("response_types_supported", "code"),
    ("code_challenge_methods_supported", "S256"),
    ("token_endpoint_auth_methods_supported", "private_key_jwt"),
)


class Unfit(Unavailable):
    """The provider answers, and is not what the settings say. `why` is one plain line for an administrator."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(name, retryable=False, detail={"where": why})
        self.why = why


@dataclass(frozen=True, slots=True)
class Provider:
    """The parts of a provider's metadata that a sign-in needs; an endpoint that it does not offer is ""."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    userinfo_endpoint: str
    jwks_uri: str
    sends_iss: bool
    pushed_endpoint: str
    leaving_endpoint: str


def refuse_stand_ins(name: str, settings: IssuerSettings, document: Mapping[str, Any]) -> None:
    """Raise Unfit for a provider that could be made up: one that says so of itself, or that nobody else can reach."""
    if settings.is_of_this_machine:
        raise Unfit(name, "its address is not https://, or is of this machine, and the environment is production")
    if STAND_IN in document:
        raise Unfit(name, "it is a stand-in for demonstrations, and the environment is production")


def fitting(document: Mapping[str, Any], name: str, settings: IssuerSettings) -> Provider:
    """Return what the provider says of itself when it is what the settings want. Raises: Unfit."""
    for why in (
        _is_the_one(document, settings),
        _stays_at_home(document, settings),
        _can_do_it(document),
        _can_be_pushed(document, settings),
    ):
        if why:
            raise Unfit(name, why)
    return Provider(
        issuer=settings.issuer,
        authorization_endpoint=str(document["authorization_endpoint"]),
        token_endpoint=str(document["token_endpoint"]),
        userinfo_endpoint=str(document["userinfo_endpoint"]),
        jwks_uri=str(document["jwks_uri"]),
        sends_iss=document.get("authorization_response_iss_parameter_supported") is True,
        pushed_endpoint=str(document.get(_PUSHED, "")),
        leaving_endpoint=str(document.get(_LEAVING, "")),
    )


def _is_the_one(document: Mapping[str, Any], settings: IssuerSettings) -> str:
    return "" if document.get("issuer") == settings.issuer else "it names another issuer than the settings"


def _stays_at_home(document: Mapping[str, Any], settings: IssuerSettings) -> str:
    """Every address lies at the issuer's own origin: nobody else's is ever called, or shown to a browser."""
    ours = urlsplit(settings.issuer)
    offered = [endpoint for endpoint in (_PUSHED, _LEAVING) if endpoint in document]
    for endpoint in (*_ENDPOINTS, *offered):
        theirs = urlsplit(str(document.get(endpoint, "")))
        if (theirs.scheme, theirs.netloc) != (ours.scheme, ours.netloc):
            return f"its {endpoint} is not at the issuer's own address"
    return ""


def _can_do_it(document: Mapping[str, Any]) -> str:
    for field, needed in _ABILITIES:
        offered = document.get(field)
        if not isinstance(offered, list) or needed not in offered:
            return f"its {field} does not name {needed}"
    return ""


def _can_be_pushed(document: Mapping[str, Any], settings: IssuerSettings) -> str:
    if _PUSHED in document:
        return ""
    if document.get("require_pushed_authorization_requests") is True:
        return f"it requires pushed requests and names no {_PUSHED}"
    return f"it has no {_PUSHED}, and pushed_requests is always" if settings.pushed_requests == "always" else ""
