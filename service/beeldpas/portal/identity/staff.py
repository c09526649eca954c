"""The service's own staff: a name and roles. Who may do what stands in the policies, not here."""

from dataclasses import dataclass

from beeldpas.domain.errors import Refused
from beeldpas.portal.identity.relying_party import Evidence

HELPDESK, HELPDESK_LEAD, SECURITY = "helpdesk", "helpdesk_lead", "security"
_ROLES = frozenset({HELPDESK, HELPDESK_LEAD, SECURITY})


@dataclass(frozen=True, slots=True)
class StaffMember:
    """Somebody of the service who signed in; `authenticated_at` in seconds since 1970, 0 when nobody tells.

    Zero is longer ago than any step-up allows: whoever needs it is asked to sign in anew.
    """

    subject: str
    name: str
    roles: frozenset[str]
    authenticated_at: int = 0


def staff_member(evidence: Evidence) -> StaffMember:
    """Return who signed in. Raises: Refused("login_identity_problem" | "staff_role_missing")."""
    name, roles = evidence.userinfo.get("name"), evidence.userinfo.get("roles")
    if not isinstance(name, str) or not name.strip() or not isinstance(roles, list):
        raise Refused("login_identity_problem", {"where": "roles"})
    known = frozenset(role for role in roles if isinstance(role, str))
    if not known & _ROLES:
        raise Refused("staff_role_missing")
    return StaffMember(evidence.subject, " ".join(name.split())[:200], known, evidence.auth_time or 0)
