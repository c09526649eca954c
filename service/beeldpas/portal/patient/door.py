"""Who may enter the patient's pages: somebody with a live session in which a citizen service number is sealed."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from beeldpas.domain.bsn import BSN
from beeldpas.domain.preferences import Preferences
from beeldpas.portal.actions.asker import Asker
from beeldpas.portal.pages.pages import STANDING_IN, TEXT_SIZE
from beeldpas.portal.pages.states import state_page
from beeldpas.portal.pages.visit import Visit
from beeldpas.portal.patient.preferences import preferences_of
from beeldpas.portal.patient.standing_in import StandingIn
from beeldpas.web.sessions import Session

_BSN, _NAMES, _BORN = "bsn", "names", "born"
# In the address of a page to which another went on by itself: that keeps nobody signed in.
BY_ITSELF = "itself"


@dataclass(slots=True)
class PatientVisit(Visit):
    """A request by a patient who signed in."""

    @property
    def bsn(self) -> BSN:
        """The patient's number; it lives as long as the session."""
        return BSN.parse(self.values[_BSN])

    @property
    def values(self) -> dict[str, Any]:
        """What the session knows."""
        if self.session is None:
            raise RuntimeError("a patient's visit without a session")
        return self.session.values

    @property
    def names(self) -> tuple[str, ...]:
        """Under which names the patient's rows may stand, newest first; asked once, when the session began."""
        return tuple(self.values[_NAMES])

    @property
    def preferences(self) -> Preferences:
        """How the visitor wants the pages to be."""
        return preferences_of(self.values)

    def titled(self, own: str, other: str) -> str:
        """Return a title that says whose something is: not "mine" for somebody who stands in."""
        return self.say.t(other if StandingIn.of(self.values) else own)

    @property
    def asker(self) -> Asker:
        """The patient as actions know them: by a pseudonym, without a name."""
        return asker_of(self, self.bsn, self.names, self.session)


Page = Callable[[PatientVisit], Awaitable[Response]]


def for_patients(page: Page) -> Callable[[Request], Awaitable[Response]]:
    """Make an endpoint of a page: who is not signed in gets to read why, or the start page."""

    async def endpoint(request: Request) -> Response:
        by_itself = BY_ITSELF in request.query_params
        visit = await (PatientVisit.glance if by_itself else PatientVisit.of)(request, "patient")
        if is_signed_in(visit):
            say_for_whom(visit)
            return await page(visit)
        if visit.session is None and visit.had_cookie:
            response = state_page(request, "session_ended", {}, 401)
            visit.sessions.clear_cookie(response)
            return response
        return visit.go("/")

    return endpoint


def values_of(
    bsn: BSN, names: Sequence[str], standing_in: StandingIn | None = None, born: str = ""
) -> dict[str, Any]:
    """Return what a patient's session begins with: the number, and the names that stand for it in every table.

    It is always the patient's number; of who stands in for them there is a pseudonym only. `born` is the fingerprint
    of the patient's birth date, where the sign-in told that; the date itself is not kept.
    """
    told = {_BORN: born} if born else {}
    return {_BSN: bsn.reveal(), _NAMES: list(names), **told, **(standing_in.as_values() if standing_in else {})}


def is_signed_in(visit: Visit) -> bool:
    """Say whether this session belongs to a patient, and is not just a sign-in under way."""
    return visit.session is not None and _BSN in visit.session.values


def say_for_whom(visit: Visit) -> None:
    """Have every page of this request say for whom the visitor looks, in their letters, also a refusal's page."""
    standing_in = StandingIn.of(visit.session.values) if visit.session else None
    if standing_in:
        visit.request.scope[STANDING_IN] = lambda say: standing_in.words(say, visit.now)
    if visit.session:
        visit.request.scope[TEXT_SIZE] = preferences_of(visit.session.values).text_size


def asker_of(visit: Visit, bsn: BSN, names: Sequence[str], session: Session | None) -> Asker:
    """Describe a patient to the actions, and who stands in for them."""
    standing_in = StandingIn.of(session.values) if session else None
    return Asker(
        kind="patient",
        subject=names[0],
        name="",
        organisation="",
        ura=None,
        verified=True,
        roles=frozenset(),
        session=session.handle if session else "",
        language=visit.say.language,
        address=visit.address,
        known_as=tuple(names),
        bsn=bsn,
        born=session.values.get(_BORN, "") if session else "",
        acting=standing_in.acting if standing_in else "",
        relation=standing_in.relation if standing_in else "",
        age_class=standing_in.age_class(visit.now) if standing_in else "",
    )
