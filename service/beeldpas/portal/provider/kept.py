"""Code and PIN that somebody filled in before they were needed: sealed in the session until they open a share.

So nobody has to type them twice: after signing in, or while a second organisation waits for the patient.
"""

from collections.abc import Mapping

from beeldpas.domain import crockford
from beeldpas.domain.codes import PIN, ShareCode
from beeldpas.domain.errors import Malformed, Refused
from beeldpas.portal.link import open_link
from beeldpas.portal.provider.door import ProviderVisit
from beeldpas.portal.secrets import Secrets

KEPT = "kept"


def kept_of(visit: ProviderVisit) -> Mapping[str, str]:
    """Return what is kept: `code` and `pin`, either may be absent."""
    kept: Mapping[str, str] = visit.values.get(KEPT, {})
    return kept


def read_code(secrets: Secrets, typed: str, link: str) -> ShareCode:
    """Return the code that somebody typed or pasted, or that a script took from the link.

    A link whose code was not changed by hand must be one that we signed: a forgery costs no look-up.
    Raises: Malformed(code_missing, code_mistyped, link_stripped); Refused("code_unknown").
    """
    if not typed:
        if not link:
            raise Malformed("code_missing")
        return open_link(secrets, link)
    code = open_link(secrets, typed)
    carried = crockford.normalise(link.partition(".")[0])
    return open_link(secrets, link) if carried == code.reveal() else code


def read_pin(visit: ProviderVisit, typed: str) -> PIN:
    """Return the PIN that was typed, or the one that is kept. Raises: Malformed(pin_missing, pin_format)."""
    return PIN.parse(typed or kept_of(visit).get("pin", ""))


def what_to_keep(visit: ProviderVisit, form: Mapping[str, str]) -> dict[str, str]:
    """Return what of a form can be kept; what cannot be read is asked for again later."""
    kept: dict[str, str] = {}
    try:
        kept["code"] = read_code(visit.house.secrets, form["code"], form["link"]).reveal()
        kept["pin"] = read_pin(visit, form["pin"]).reveal()
    except (Malformed, Refused):
        return kept
    return kept
