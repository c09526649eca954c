"""What the agent says to the caller, in both languages: the caller may speak the other one than the screen."""

from collections.abc import Mapping

from beeldpas.domain.share import ShareState
from beeldpas.portal.actions.find_share import HelpdeskView
from beeldpas.portal.helpdesk.door import StaffVisit
from beeldpas.portal.words.voice import Voice

Sayings = tuple[tuple[str, str], ...]


def both(visit: StaffVisit, key: str, **moments: str) -> Sayings:
    """Return (language, sentence) for each language, that of the screen first."""
    voices: Mapping[str, Voice] = visit.pages.voices
    ordered = sorted(voices.items(), key=lambda one: one[0] != visit.say.language)
    return tuple((language, voice.t(key, **moments)) for language, voice in ordered)


def at_this_time(visit: StaffVisit, key: str) -> Sayings:
    """Return what to say with the time of now in it, in each language's own way."""
    voices: Mapping[str, Voice] = visit.pages.voices
    ordered = sorted(voices.items(), key=lambda one: one[0] != visit.say.language)
    return tuple((language, voice.t(key, time=voice.time(visit.now))) for language, voice in ordered)


def of_state(visit: StaffVisit, view: HelpdeskView) -> Sayings:
    """Return what to say about a share as it stands."""
    known = {
        ShareState.LIVE: "desk.say_live",
        ShareState.LOCKED: "desk.say_locked",
        ShareState.SUSPENDED: "desk.say_paused",
        ShareState.EXPIRED: "desk.say_expired",
        ShareState.REVOKED: "desk.say_revoked",
    }
    return both(visit, known[view.state])
