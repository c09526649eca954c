"""What a door works with: one request, the house, the language, and the session if there is one.

Each of the three doors has its own cookie and its own sessions; a session of one door means nothing at another.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self
from urllib.parse import parse_qsl

from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from beeldpas.domain.errors import Malformed
from beeldpas.portal.house import House
from beeldpas.portal.pages.language import address
from beeldpas.portal.pages.pages import Pages
from beeldpas.portal.pages.security_policy import Policy, allow
from beeldpas.portal.pages.states import Door, StateText, state_text
from beeldpas.portal.pages.time_left import Staying
from beeldpas.portal.words.voice import Voice
from beeldpas.web.sessions import Session, Sessions

_FORM = "application/x-www-form-urlencoded"
_MAX_FIELDS = 25_000


@dataclass(slots=True)
class Visit:
    """One request at one door. `session` is None when nobody has one here, or it ended."""

    request: Request
    door: Door
    session: Session | None

    @classmethod
    async def of(cls, request: Request, door: Door) -> Self:
        """Look at the door's cookie and load its session."""
        sessions: Sessions = request.app.state.sessions[door]
        house: House = request.app.state.house
        session = await sessions.load(request.cookies.get(sessions.cookie), house.clock())
        return cls(request, door, session)

    @classmethod
    async def glance(cls, request: Request, door: Door) -> Self:
        """Look at the door's session without keeping it alive: for what a page does by itself."""
        sessions: Sessions = request.app.state.sessions[door]
        house: House = request.app.state.house
        return cls(request, door, await sessions.look(request.cookies.get(sessions.cookie), house.clock()))

    @property
    def house(self) -> House:
        """What the portal is made of."""
        house: House = self.request.app.state.house
        return house

    @property
    def pages(self) -> Pages:
        """The templates."""
        pages: Pages = self.request.app.state.pages
        return pages

    @property
    def sessions(self) -> Sessions:
        """The sessions of this door."""
        sessions: Sessions = self.request.app.state.sessions[self.door]
        return sessions

    @property
    def say(self) -> Voice:
        """The voice of the page's language."""
        return self.pages.voice(self.request)

    @property
    def now(self) -> datetime:
        """The moment, aware UTC."""
        return self.house.clock()

    @property
    def address(self) -> str:
        """Where the request came from, for the log."""
        return self.request.client.host if self.request.client else ""

    @property
    def had_cookie(self) -> bool:
        """Say whether the browser brought a cookie of this door, alive or not."""
        return self.sessions.cookie in self.request.cookies

    def state(self, key: str, /, **values: str | int) -> StateText:
        """Return the texts of a state."""
        return state_text(self.say.t, key, values)

    def page(
        self,
        template: str,
        title: str,
        /,
        *,
        who: str | None = None,
        status: int = 200,
        csp: Policy = "plain",
        images_from: Collection[str] = (),
        **context: Any,
    ) -> Response:
        """Render a page. `who` is None when nobody is signed in, "" when somebody without a name is.

        `csp`: what the page may load besides what every page may, and `images_from`: the hospitals (by id) that it
        may ask for images (pages.security_policy).
        """
        everywhere: Mapping[str, Any] = {
            "door": self.door,
            "title": title,
            "who": who,
            "errors": {},
            "staying": None if who is None else self._staying(),
        }
        answer = self.pages.response(self.request, template, {**everywhere, **context}, status)
        return answer if csp == "plain" else allow(answer, self.house, csp, images_from)

    def _staying(self) -> Staying | None:
        if self.session is None:
            return None
        return Staying.of(self.session, self.door, self.say.catalogue, self.now)

    def go(self, path: str) -> Response:
        """Send the browser to another page, in the same language, by GET."""
        return RedirectResponse(address(self.say.catalogue, path), 303)

    async def form(self) -> FormData:
        """Read the form; its size was limited before. Raises: Malformed("bad_request")."""
        if self.request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
            raise Malformed("bad_request")
        try:
            text = (await self.request.body()).decode("utf-8")
            pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=_MAX_FIELDS, errors="strict")
        except ValueError as error:
            raise Malformed("bad_request") from error
        if "\x00" in text or "%00" in text:
            raise Malformed("bad_request")
        fields: list[tuple[str, str | UploadFile]] = [*pairs]
        return FormData(fields)

    async def keep(self, **values: Any) -> None:
        """Put values into the session and save it. There must be one."""
        if self.session is None:
            raise RuntimeError("no session to keep anything in")
        self.session.values |= values
        await self.sessions.save(self.session)


def text(form: FormData, name: str) -> str:
    """Return a field's text without the spaces around it; "" when it is not there.

    What people cannot see does not come in: no NUL (a database chokes on it), no sign that turns text around.
    """
    value = form.get(name, "")
    if not isinstance(value, str):
        return ""
    return "".join(sign for sign in value if sign.isprintable() or sign in "\r\n\t").strip()
