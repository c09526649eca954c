"""The facts for the letter of a share. Code and QR come from the session that made them; the PIN is never in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from beeldpas.domain.actions import Action
from beeldpas.portal.actions.asker import Asker
from beeldpas.portal.actions.frame import Deed, Refusal, perform
from beeldpas.portal.actions.own_share import own_share
from beeldpas.portal.house import House
from beeldpas.portal.store import consents, share_studies
from beeldpas.portal.store.share_studies import SharedStudy


@dataclass(frozen=True, slots=True)
class HospitalCount:
    """How much one hospital will hand over."""

    name: str
    studies: int
    reports: int


@dataclass(frozen=True, slots=True)
class LetterFacts:
    """What stands in the letter; no PIN, no BSN.

    `titled`: the studies, which are named in the letter only when the patient wants that; else only how many.
    `relation`: on what ground somebody made the share in the patient's stead; "" for patients themselves.
    """

    share_id: str
    reference: str
    for_whom: str
    note: str
    language: str
    made_at: datetime
    expires_at: datetime
    allow_self_declared: bool
    hospitals: tuple[HospitalCount, ...]
    relation: str
    titled: tuple[SharedStudy, ...]


async def print_letter(house: House, asker: Asker, share_id: str) -> LetterFacts:
    """Return the facts. Raises: NotFound; Refused(share_expired, share_revoked, share_locked)."""

    async def work(deed: Deed) -> LetterFacts | Refusal:
        stored = await own_share(deed, share_id)
        if isinstance(stored, Refusal):
            return stored
        studies = await share_studies.of_share(deed.connection, share_id)
        agreed = await consents.of_shares(deed.connection, [share_id])
        return LetterFacts(
            share_id=share_id,
            reference=stored.reference,
            for_whom=stored.for_whom,
            note=stored.note,
            language=stored.language,
            made_at=stored.made_at,
            expires_at=stored.expires_at,
            allow_self_declared=stored.allow_self_declared,
            hospitals=_counted(studies),
            relation=agreed[share_id].relation if share_id in agreed else "",
            titled=studies,
        )

    return await perform(house, asker, Action.PRINT_LETTER, work)


def _counted(studies: Sequence[SharedStudy]) -> tuple[HospitalCount, ...]:
    names = dict.fromkeys(study.hospital for study in studies)
    held = {name: [study for study in studies if study.hospital == name] for name in names}
    return tuple(HospitalCount(name, len(of), sum(study.reports for study in of)) for name, of in held.items())
