"""Who is at the care provider's door: somebody who signed in, or somebody who says who they are.

A self-declared provider is as good as this one visit: their grants end with its session and nobody else holds them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from beeldpas.portal.actions.asker import Asker
from beeldpas.portal.pages.states import state_page
from beeldpas.portal.pages.visit import Visit

SIGNED_IN, DECLARED, SHARES, GRANTS, WORKPLACES = "signed_in", "declared", "shares", "grants", "workplaces"


@dataclass(slots=True)
class ProviderVisit(Visit):
    """A request at the provider's door; there may be a session, and somebody in it, or not."""

    @property
    def values(self) -> Mapping[str, Any]:
        """What the session knows; nothing when there is none."""
        return self.session.values if self.session else {}

    @property
    def signed_in(self) -> Mapping[str, Any] | None:
        """Who signed in: uzi_id, name, organisation, ura, roles. None when nobody did, or has yet to choose where."""
        return self.values.get(SIGNED_IN)

    @property
    def who(self) -> str | None:
        """The name for the top of the page."""
        person = self.signed_in or self.values.get(DECLARED)
        return f"{person['name']}, {person['organisation']}" if person else None

    @property
    def asker(self) -> Asker:
        """The care provider as actions know them."""
        person = self.signed_in or self.values.get(DECLARED) or {"name": "", "organisation": ""}
        return Asker(
            kind="provider",
            subject=person.get("uzi_id", ""),
            name=person["name"],
            organisation=person["organisation"],
            ura=person.get("ura"),
            verified=self.signed_in is not None,
            roles=frozenset(person.get("roles", ())),
            session=self.session.handle if self.session else "",
            language=self.say.language,
            address=self.address,
        )

    async def remember(self, response: Response, **values: Any) -> None:
        """Keep values in the session; begins one when there is none yet."""
        if self.session is None:
            self.session = await self.sessions.begin(values, self.now)
            self.sessions.set_cookie(response, self.session)
        else:
            await self.keep(**values)

    def session_over(self) -> Response:
        """Say that the visit ended, or that this share was not opened in it."""
        state, status = ("session_ended", 401) if self.session is None and self.had_cookie else ("not_found", 404)
        return state_page(self.request, state, {}, status)


def was_opened(visit: ProviderVisit, share_id: str) -> bool:
    """Say whether this share was opened in this visit."""
    return any(pair[0] == share_id for pair in visit.values.get(SHARES, ()))
