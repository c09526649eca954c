"""What the agent says to the caller, in both languages: the caller may speak the other one than the screen."""

from collections.abc import Mapping

from beeldpas.domain.share import ShareState
from beeldpas.portal.actions.find_share import HelpdeskView
from beeldpas.portal.helpdesk.door import StaffVisit
from beeldpas.portal.words.catalogue import LANGUAGES
from beeldpas.portal.words.voice import Voice

Sayings = tuple[tuple[str, str], ...]


def both(visit: StaffVisit, key: str, **moments: str) -> Sayings:
    """Return (language, sentence) for each language, that of the screen first."""
    return tuple((voice.language, voice.t(key, **moments)) for voice in _spoken(visit))


def at_this_time(visit: StaffVisit, key: str) -> Sayings:
    """Return what to say with the time of now in it, in each language's own way."""
    return tuple((voice.language, voice.t(key, time=voice.time(visit.now))) for voice in _spoken(visit))


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


def _spoken(visit: StaffVisit) -> list[Voice]:
    voices: Mapping[str, Voice] = visit.pages.voices
    return sorted((voices[one] for one in LANGUAGES), key=lambda voice: voice.language != visit.say.language)
