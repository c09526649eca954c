"""Who may enter the helpdesk's pages: staff who signed in and have the role."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from beeldpas.portal.actions.asker import Asker
from beeldpas.portal.identity.staff import HELPDESK, HELPDESK_LEAD, SECURITY, StaffMember
from beeldpas.portal.pages.states import state_page
from beeldpas.portal.pages.visit import Visit

_STAFF = "staff"


@dataclass(slots=True)
class StaffVisit(Visit):
    """A request by staff."""

    @property
    def staff(self) -> dict[str, Any] | None:
        """Who signed in: subject, name, roles."""
        return self.session.values.get(_STAFF) if self.session else None

    @property
    def who(self) -> str | None:
        """The name for the top of the page."""
        return str(self.staff["name"]) if self.staff else None

    @property
    def asker(self) -> Asker:
        """The agent as actions know them."""
        if self.staff is None or self.session is None:
            raise RuntimeError("a staff visit without staff")
        return Asker(
            kind="staff",
            subject=self.staff["subject"],
            name=self.staff["name"],
            organisation=self.house.settings.service.organisation,
            ura=None,
            verified=True,
            roles=frozenset(self.staff["roles"]),
            session=self.session.handle,
            language=self.say.language,
            address=self.address,
            authenticated_at=datetime.fromtimestamp(self.staff.get("authenticated_at", 0), UTC),
        )

    @property
    def may_help(self) -> bool:
        """Say whether they are of the helpdesk; the policies decide, this only chooses what a page offers."""
        return self.staff is not None and not {HELPDESK, HELPDESK_LEAD}.isdisjoint(self.staff["roles"])

    @property
    def is_security(self) -> bool:
        """Say whether they are a security officer."""
        return self.staff is not None and SECURITY in self.staff["roles"]

    @property
    def may_confirm(self) -> bool:
        """Say whether they are a second person for what needs one."""
        return self.staff is not None and HELPDESK_LEAD in self.staff["roles"]


Page = Callable[[StaffVisit], Awaitable[Response]]


def for_staff(page: Page) -> Callable[[Request], Awaitable[Response]]:
    """Make an endpoint of a page: who is not signed in gets to read why, or the door's start page."""

    async def endpoint(request: Request) -> Response:
        visit = await StaffVisit.of(request, "helpdesk")
        if visit.staff is not None:
            return await page(visit)
        if visit.session is None and visit.had_cookie:
            response = state_page(request, "session_ended", {}, 401)
            visit.sessions.clear_cookie(response)
            return response
        return visit.go("/helpdesk")

    return endpoint


def values_of(member: StaffMember) -> dict[str, Any]:
    """Return what a staff session begins with."""
    return {
        _STAFF: {
            "subject": member.subject,
            "name": member.name,
            "roles": sorted(member.roles),
            "authenticated_at": member.authenticated_at,
        }
    }
