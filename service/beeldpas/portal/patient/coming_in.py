"""What is said while the history still comes in: who has not answered yet, and what came since the page was made.

Without scripts the page has a button that shows it again. With scripts a line on it follows (server-sent events);
what is shown moves only when the reader wants it to. Following keeps nobody signed in, and ends with the visit.
*Source:* HTML Living Standard §9.2 (server-sent events; 204 ends them for good); WCAG 2.2 §2.2.2, §4.1.3.
"""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from beeldpas.domain.errors import BeeldpasError
from beeldpas.domain.timeline import Timeline
from beeldpas.portal.actions.view_timeline import follow_timeline
from beeldpas.portal.gatherings import Kept
from beeldpas.portal.pages.language import address
from beeldpas.portal.patient.door import PatientVisit, is_signed_in
from beeldpas.portal.patient.shown_studies import own_studies
from beeldpas.portal.words.voice import Voice

OF, AGAIN = "of", "again"
_PAUSE_SECONDS = 2.0  # between two things that are said: a screen reader must be able to say them
_STREAM = {"Content-Type": "text/event-stream", "X-Accel-Buffering": "no"}
_NOTHING_MORE = 204
_MOST_NAMED = 3
_NAME = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class ComingIn:
    """What a page says of a history that is not whole: who has not answered yet, and how it goes, in words.

    `again` is the part of an address that shows what came since; at `progress` it can be followed.
    """

    waiting: list[str]
    line: str
    again: str
    progress: str

    @classmethod
    def of(cls, visit: PatientVisit, kept: Kept, found: Timeline, listed: int) -> Self | None:
        """Say it of a history of which `listed` examinations are shown; None when nobody is waited for."""
        if not found.asked:
            return None
        named, say = {OF: kept.name}, visit.say
        progress = f"{address(say.catalogue, '/timeline/progress')}?{urlencode(named | {'listed': listed})}"
        return cls(_waited_for(say, found), _line(say, found, 0), urlencode(named), progress)


def which(query: Mapping[str, str]) -> str:
    """Return the part of an address that says which history to show: this one, or one that is asked for again."""
    if AGAIN in query:
        return AGAIN
    name = query.get(OF, "")
    return urlencode({OF: name}) if _NAME.fullmatch(name) else ""


async def progress(request: Request) -> Response:
    """Tell a page how its history comes in, until it is whole. Looking does not lengthen the visit."""
    visit = await PatientVisit.glance(request, "patient")
    if not is_signed_in(visit):
        return Response(status_code=_NOTHING_MORE)
    query = request.query_params
    kept = await follow_timeline(visit.house, visit.asker, visit.bsn, name=query.get(OF, ""))
    listed = query.get("listed", "")
    shown = int(listed) if listed.isascii() and listed.isdigit() and len(listed) < 7 else 0
    return StreamingResponse(_events(visit, kept, shown), headers=_STREAM)


async def _events(visit: PatientVisit, kept: Kept, listed: int) -> AsyncIterator[str]:
    """Say what there is now, and then what comes, with pauses; the last event says that nothing more will come."""
    with kept.heard() as has_room:
        while has_room:
            version = kept.gathering.version
            event = await _event(visit, kept, listed)
            if event is None:
                return
            yield event
            if kept.is_whole:
                return
            try:
                async with asyncio.timeout(_PAUSE_SECONDS):
                    await kept.whole()
            except TimeoutError:
                await kept.gathering.wait_for_more(version)
            except BeeldpasError:
                return


async def _event(visit: PatientVisit, kept: Kept, listed: int) -> str | None:
    """Return one event; None when the visit is over by now."""
    sessions = visit.sessions
    alive = await sessions.look(visit.request.cookies.get(sessions.cookie), visit.now)
    if alive is None or kept.is_over:
        return None
    is_last, found = kept.is_whole, kept.gathering.timeline()
    news = max(0, len(own_studies(found)) - listed)
    told = {"line": _line(visit.say, found, news), "of": kept.name, "news": news, "isLast": is_last}
    return f"data: {json.dumps(told)}\n\n"


def _line(say: Voice, found: Timeline, news: int) -> str:
    """Say in a sentence or two how it goes."""
    came = [say.count("timeline.came", news)] if news else []
    if waited := len(found.asked):
        return " ".join([*came, say.count("timeline.waiting", waited)])
    silent = _silent(say, found)[:_MOST_NAMED]
    return " ".join([*came, *(silent or [say.t("timeline.all_answered")]), say.t("state.source_slow.next")])


def _waited_for(say: Voice, found: Timeline) -> list[str]:
    """Name who has not answered yet, each once: registries are one list to people."""
    names = (
        say.t("timeline.waits_for", hospital=one.hospital) if one.hospital else say.t("timeline.waits_for_list")
        for one in found.asked
    )
    return [*dict.fromkeys(names)]


def _silent(say: Voice, found: Timeline) -> list[str]:
    """Name who had their time and did not answer, each once."""
    names = (
        say.t("state.source_no_answer.title", hospital=one.hospital)
        if one.hospital
        else say.t("state.registry_no_answer.title")
        for one in found.missing
        if one.state != "partial"
    )
    return [f"{name}." for name in dict.fromkeys(names)]
