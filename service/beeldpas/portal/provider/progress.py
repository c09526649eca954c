"""How downloads go, in words, by hospital: for the page of a share, and for the part of it that looks again."""

from collections.abc import Iterable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from beeldpas.portal.actions.download_progress import Progress, download_progress
from beeldpas.portal.pages.states import state_text
from beeldpas.portal.provider.door import ProviderVisit, was_opened
from beeldpas.portal.words.voice import Voice

_STATES = {"cut": "download_cut", "revoked": "download_cut_revoked"}
_LOOKS = {"running": "", "completed": "good", "cut": "attention", "revoked": "danger"}


@dataclass(frozen=True, slots=True)
class ProgressLine:
    """One hospital's download: a short word with its look, what became of it, and what to do next (or "")."""

    hospital: str
    word: str
    look: str
    text: str
    next: str
    is_running: bool


async def progress(request: Request) -> Response:
    """Give the part of the page that tells how downloads go; asking for it keeps no visit alive."""
    visit = await ProviderVisit.glance(request, "provider")
    share_id = request.path_params["share_id"]
    if not was_opened(visit, share_id):
        return visit.session_over()
    told = await download_progress(visit.house, visit.asker, share_id)
    lines = progress_lines(visit.say, told.values())
    return Response(
        visit.pages.text("provider/progress.html", visit.say, {"lines": lines, "share_id": share_id}),
        media_type="text/html",
    )


def progress_lines(say: Voice, told: Iterable[Progress]) -> list[ProgressLine]:
    """Say how each download went, those of the same name in the order of their hospitals."""
    return [_line(say, one) for one in sorted(told, key=lambda one: one.hospital)]


def _line(say: Voice, one: Progress) -> ProgressLine:
    size = say.size(one.bytes)
    text = say.t(f"progress.{one.outcome}", moment=say.moment(one.at), size=size)
    state = state_text(say.t, _STATES[one.outcome], {}) if one.outcome in _STATES else None
    return ProgressLine(
        hospital=one.hospital,
        word=say.t(f"progress.word.{one.outcome}"),
        look=_LOOKS[one.outcome],
        text=f"{state.why} {text}" if state else text,
        next=state.next if state else "",
        is_running=one.outcome == "running",
    )
