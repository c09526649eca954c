"""What the portal granted and what the hospital served, laid beside each other: one line where they agree.

The portal writes that somebody set off and that the hospital got a key; the hospital tells that it began and how it
ended. What belongs together is told once; what does not is said: a key of which nothing was heard, a beginning
without an end, a use without a key, one that is more than was allowed, one that began after the end.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum, auto

from beeldpas.audit.events import Use
from beeldpas.audit.log import Record
from beeldpas.domain.actions import Action
from beeldpas.portal.store.grants import StoredGrant

# Two clocks, and reports that are on their way.
SLACK = timedelta(minutes=5)
_UNDER_WAY = timedelta(minutes=10)
AROUND = timedelta(hours=24)
# A small picture is a few thousand bytes; more than this is a look at the images themselves.
_SMALL_PICTURES = 64_000
_SETTING_OFF = (Action.START_DOWNLOAD, Action.READ_REPORT)
PARTS = (*_SETTING_OFF, Action.VIEW_IMAGES, Action.EXCHANGE_CODE, Use.DOWNLOAD, Use.RETRIEVE)


class Doubt(StrEnum):
    """What does not fit; its texts stand in the catalogue under `log.doubt.{doubt}`."""

    NOTHING_TOLD = auto()
    NO_END = auto()
    NO_KEY = auto()
    MORE = auto()
    AFTER_STOP = auto()
    AFTER_END = auto()


@dataclass(slots=True)
class Judgement:
    """What to do with a row: tell it or not (`within` another one), and what does not fit."""

    within: bool = False
    doubts: list[Doubt] = field(default_factory=list)


def judge(
    records: Iterable[Record], grants: Mapping[str, StoredGrant], now: datetime, *, has_beginning: bool = True
) -> Mapping[str, Judgement]:
    """Return what is to be said of each row that is part of a use; `records` hold a day around those of interest.

    Without `has_beginning` the oldest of them are not there: then nobody is said to have had no key.
    """
    by_grant: dict[str, list[Record]] = defaultdict(list)
    for record in records:
        if record.get("grant") and record["kind"] in PARTS and record["outcome"] != "refused":
            by_grant[str(record["grant"])].append(record)
    judged: dict[str, Judgement] = {}
    for handle, parts in by_grant.items():
        story = _Story(sorted(parts, key=_at), grants.get(handle), now)
        judged |= story.judgements
    if not has_beginning:
        for judgement in judged.values():
            judgement.doubts = [doubt for doubt in judgement.doubts if doubt is not Doubt.NO_KEY]
    return judged


def _at(record: Record) -> datetime:
    return datetime.fromisoformat(str(record["at"]))


class _Story:
    """The rows of one grant, oldest first."""

    def __init__(self, parts: list[Record], grant: StoredGrant | None, now: datetime) -> None:
        self.judgements = {str(part["event_id"]): Judgement() for part in parts}
        self._grant, self._now = grant, now
        self._keys = [part for part in parts if part["kind"] in (Action.EXCHANGE_CODE, Action.VIEW_IMAGES)]
        self._used: set[str] = set()
        begun: list[Record] = []
        for part in parts:
            if part["kind"] == Use.DOWNLOAD and part.get("phase") == "started":
                begun.append(part)
                self._weigh(part)
            elif part["kind"] == Use.DOWNLOAD and begun:
                start = self._of(begun.pop(0))
                start.within = True
                self._of(part).doubts.extend(one for one in start.doubts if one is not Doubt.MORE)
                self._fits(part)
            elif part["kind"] in (Use.DOWNLOAD, Use.RETRIEVE):
                self._weigh(part)
                self._of(part).within = self._is_of_a_list(part) and not self._of(part).doubts
        for part in begun:
            self._of(part).doubts.append(Doubt.NO_END)
        self._settle(parts)

    def _of(self, part: Record) -> Judgement:
        return self.judgements[str(part["event_id"])]

    @property
    def _is_list(self) -> bool:
        """Say whether the grant is for a list of own studies with small pictures: opening that is a row itself."""
        return self._grant is not None and self._grant.grant.basis == "own" and len(self._grant.grant.studies) > 1

    def _is_of_a_list(self, part: Record) -> bool:
        size = part.get("bytes")
        return self._is_list and part["kind"] == Use.RETRIEVE and isinstance(size, int) and size <= _SMALL_PICTURES

    def _weigh(self, part: Record) -> None:
        """Look for the key with which a use began, and whether it might begin at all."""
        before = [key for key in self._keys if _at(key) <= _at(part) + SLACK]
        if not before:
            self._of(part).doubts.append(Doubt.NO_KEY)
        elif fresh := [key for key in before if str(key["event_id"]) not in self._used]:
            self._used.add(str(fresh[-1]["event_id"]))
        self._fits(part)
        self._in_time(part)

    def _fits(self, part: Record) -> None:
        studies = part.get("studies")
        if self._grant is not None and isinstance(studies, list) and not set(studies) <= self._grant.grant.studies:
            self._of(part).doubts.append(Doubt.MORE)

    def _in_time(self, part: Record) -> None:
        grant = self._grant
        begins = part.get("phase") == "started"
        if grant is None or not begins:
            return
        if grant.revoked_at is not None and _at(part) > grant.revoked_at + SLACK:
            self._of(part).doubts.append(Doubt.AFTER_STOP)
        elif _at(part) > grant.grant.ends_at + SLACK:
            self._of(part).doubts.append(Doubt.AFTER_END)

    def _settle(self, parts: list[Record]) -> None:
        """Say of what the portal granted whether anything came of it."""
        keys = [part for part in self._keys if part["kind"] == Action.EXCHANGE_CODE]
        uses = [part for part in parts if part["kind"] in (Use.DOWNLOAD, Use.RETRIEVE)]
        for key in self._keys:
            if str(key["event_id"]) in self._used or self._followed(key, uses):
                self._of(key).within = True
            elif self._now - _at(key) > _UNDER_WAY:
                self._of(key).doubts.append(Doubt.NOTHING_TOLD)
            else:
                self._of(key).within = self._is_list
        for part in parts:
            if part["kind"] in _SETTING_OFF:
                if self._followed(part, [*keys, *uses]):
                    # That a report was opened is told: the hospital only tells of the examination.
                    self._of(part).within = part["kind"] == Action.START_DOWNLOAD
                elif self._now - _at(part) > _UNDER_WAY:
                    self._of(part).doubts.append(Doubt.NOTHING_TOLD)

    def _followed(self, part: Record, by: Iterable[Record]) -> bool:
        """Say whether something came soon after; viewing renews its key every few minutes."""
        if part["kind"] == Action.EXCHANGE_CODE:
            return False
        moment = _at(part)
        return any(moment - SLACK <= _at(other) <= moment + _UNDER_WAY for other in by)
