"""The log in plain sentences: who, when, what, where, on what ground, how it ended; alike lines of a day as one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from beeldpas.audit.events import Use
from beeldpas.domain.actions import Action
from beeldpas.domain.share import HERE
from beeldpas.portal.actions.view_log import LogLine
from beeldpas.portal.pages.share_words import reason_for_patient
from beeldpas.portal.words.roles import role_name
from beeldpas.portal.words.voice import Voice

# What a patient may want to report: what others did, and what was done with the patient's own sign-in.
_OWN_TO_REPORT = frozenset({Action.SIGN_IN, Action.OPEN_OWN, Action.MAKE_SHARE, Use.DOWNLOAD, Use.RETRIEVE})
_NOT_TO_REPORT = frozenset({Action.REPORT_USE, Action.REMOVE_ADDRESS})


@dataclass(frozen=True, slots=True)
class ToldLine:
    """One line of the page: the newest row of those that it stands for, and its sentence.

    `why` and `note` are what the helpdesk gave as its reason, and wrote beside it.
    """

    line: LogLine
    text: str
    doubts: tuple[str, ...]
    role: str
    why: str
    note: str
    hospital: str
    times: tuple[LogLine, ...]
    can_report: bool


def told(say: Voice, lines: Iterable[LogLine]) -> tuple[ToldLine, ...]:
    """Tell what is not within another line; what is alike on one day, and in order, is told once."""
    shown = [line for line in lines if not line.within]
    return tuple(_told(say, tuple(alike)) for _, alike in groupby(shown, _likeness))


def sentence(say: Voice, line: LogLine, size: int | None = None) -> str:
    """Say what happened in one sentence; a kind of event without its own gets a general one."""
    t = say.t
    uids = line.what.get("studies")
    n = len(uids) if isinstance(uids, list) else 0
    # A grant of several own studies is for the small pictures of a list (docs/decisions/0046-small-pictures.md).
    if line.action == Action.OPEN_OWN and n > 1 and line.outcome == "done":
        return t(
            "story.open_own.pictures", who=_who(say, line), time=say.time(line.at), n=n, hospital=_hospital(line)
        )
    tried = (f"story.{line.action}.{line.outcome}", f"story.{line.action}", "story.other")
    key = next(key for key in tried if t.knows(key))
    ref = line.share_reference or ""
    told_ref = ref and line.basis == "share" and line.action != Action.MAKE_SHARE
    said = t(
        key,
        who=_who(say, line),
        time=say.time(line.at),
        what=_what(say, line, size if size is not None else line.bytes),
        hospital=_hospital(line) or line.source,
        basis=t("log.basis.share", ref=ref) if told_ref else "",
        ref=ref,
    )
    why = f"log.reason.{line.reason}"
    return f"{said} {t(why)}" if line.reason and t.knows(why) else said


def _told(say: Voice, alike: Sequence[LogLine]) -> ToldLine:
    newest = alike[0]
    total = sum(line.bytes or 0 for line in alike)
    text = sentence(say, newest, total or None)
    if len(alike) > 1:
        first, last = say.time(alike[-1].at), say.time(newest.at)
        n = say.number(len(alike))
        if first == last:
            times = say.t.many("log.times_at", len(alike), n=n, at=last)
        else:
            times = say.t.many("log.times", len(alike), n=n, first=first, last=last)
        text = f"{text} ({times})"
    return ToldLine(
        newest,
        text,
        tuple(say.t(f"log.doubt.{doubt}") for doubt in newest.doubts),
        role_name(say.t, newest.roles) if newest.who_kind == "provider" and newest.verified else "",
        reason_for_patient(say, str(newest.what.get("why", ""))) if newest.who_kind == "staff" else "",
        str(newest.what.get("note", "")),
        _hospital(newest),
        tuple(alike) if len(alike) > 1 else (),
        _can_report(newest),
    )


def _likeness(line: LogLine) -> tuple[date, str, str, str, str, str, str, str, str] | str:
    """Lines fold when only their time differs; what is doubtful or did not go well stands for itself."""
    if line.doubts or line.outcome in ("running", "cut", "revoked"):
        return line.event_id
    day = line.at.astimezone(HERE).date()
    ref = line.share_reference or ""
    who = (line.on_behalf, line.who, line.organisation)
    return (day, line.action, line.outcome, line.reason, *who, ref, _hospital(line))


def _hospital(line: LogLine) -> str:
    return str(line.what.get("hospital", ""))


def _who(say: Voice, line: LogLine) -> str:
    t = say.t
    if line.on_behalf in ("parent", "mandate"):
        return t(f"log.who.{line.on_behalf}")
    if line.who_kind == "provider":
        key = "log.who.verified" if line.verified else "log.who.declared"
        return t(key, role=role_name(t, line.roles), org=line.organisation or line.who)
    known = {
        "patient": "log.who.you",
        "staff": "log.who.helpdesk",
        "gateway": "log.who.service",
        "program": "log.who.service",
        "administrator": "log.who.service",
        "represented": "log.who.patient",
    }
    return t(known.get(line.who_kind, "log.who.somebody"))


def _what(say: Voice, line: LogLine, size: int | None) -> str:
    uids = line.what.get("studies")
    if not isinstance(uids, list) or not uids:
        return say.t("log.something")
    counted = [study.instances for study in line.studies if study.instances is not None]
    facts = []
    if line.studies and len(counted) == len(line.studies):
        facts.append(say.count("count.images", sum(counted)))
    if size:
        facts.append(say.size(size))
    said = say.count("count.studies", len(uids))
    return f"{said} ({', '.join(facts)})" if facts else said


def _can_report(line: LogLine) -> bool:
    if line.who_kind == "patient":
        return line.action in _OWN_TO_REPORT
    return line.action not in _NOT_TO_REPORT
