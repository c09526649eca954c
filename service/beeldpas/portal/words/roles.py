"""What somebody is who signed in as a care provider, in words: the role codes of the UZI register.

*Source:* the code system of UZI role codes (`http://fhir.nl/fhir/NamingSystem/uzi-rolcode`): the first two digits
are a profession of the Wet BIG, the last three a specialism. A code without words here is told by its profession.
"""

from collections.abc import Iterable

from beeldpas.portal.words.catalogue import Translator

_DOCTOR = "role.01_000"


def role_name(t: Translator, roles: Iterable[str]) -> str:
    """Name a person by the first role that says more than "doctor"; "care provider" when there is none we know."""
    known = [key for role in sorted(roles) if (key := _key(role, t))]
    specific = [key for key in known if key != _DOCTOR]
    return t([*specific, *known, "role.unknown"][0])


def _key(role: str, t: Translator) -> str:
    profession, _, _ = role.partition(".")
    codes = (role.replace(".", "_"), f"{profession}_000")
    return next((key for code in codes if t.knows(key := f"role.{code}")), "")
