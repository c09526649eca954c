"""A redeemed share as the care provider sees it: per hospital a grant, its studies, and what it says of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType

from beeldpas.portal.actions.download_progress import Progress
from beeldpas.portal.directory import Hospital
from beeldpas.portal.house import House
from beeldpas.portal.registries.held import GatewayPreview, StudyPreview, total_size
from beeldpas.portal.store.grants import StoredGrant
from beeldpas.portal.store.share_studies import SharedStudy
from beeldpas.portal.store.shares import StoredShare
from beeldpas.portal.store.staging import HowFar


@dataclass(frozen=True, slots=True)
class ProviderStudy:
    """A study as the patient confirmed it; `preview` is what its hospital says now, None while it has not said."""

    study: SharedStudy
    preview: StudyPreview | None


@dataclass(frozen=True, slots=True)
class HospitalPart:
    """What one hospital holds of the share; `confirmed` and `size_bytes` only when it answered just now.

    `how_far`: the hospital is still fetching something of it from its PACS. `progress`: how the last download went.
    """

    hospital: Hospital
    grant_handle: str
    studies: tuple[ProviderStudy, ...]
    confirmed: bool
    size_bytes: int | None
    how_far: HowFar | None
    progress: Progress | None = None


@dataclass(frozen=True, slots=True)
class ProviderView:
    """The whole share; nothing in it names the patient (the hospitals' previews do)."""

    share_id: str
    reference: str
    for_whom: str
    note: str
    language: str
    expires_at: datetime
    hospitals: tuple[HospitalPart, ...]


def as_provider_sees(
    house: House,
    share: StoredShare,
    studies: Sequence[SharedStudy],
    held: Sequence[StoredGrant],
    previews: Mapping[str, GatewayPreview],
    late: Mapping[str, HowFar] = MappingProxyType({}),
    progress: Mapping[str, Progress] = MappingProxyType({}),
) -> ProviderView:
    """Bring together what was shared, what this provider was granted, and what hospitals (by id) say of it.

    `late`: what the hospitals last said of how far they are; `progress`: how downloads went, by grant.
    Examinations stand newest first, those without a date last.
    """
    parts = [
        _part(
            house.directory.by_id(stored.grant.gateway_id),
            stored,
            studies,
            previews.get(stored.grant.gateway_id),
            late.get(stored.grant.gateway_id),
            progress.get(stored.grant.handle),
        )
        for stored in held
    ]
    return ProviderView(
        share_id=share.share_id,
        reference=share.reference,
        for_whom=share.for_whom,
        note=share.note,
        language=share.language,
        expires_at=share.expires_at,
        hospitals=tuple(parts),
    )


def _part(
    hospital: Hospital,
    stored: StoredGrant,
    studies: Sequence[SharedStudy],
    preview: GatewayPreview | None,
    late: HowFar | None,
    progress: Progress | None,
) -> HospitalPart:
    told = {study.uid: study for study in preview.studies} if preview else {}
    mine = [study for study in studies if study.gateway_id == hospital.gateway_id and stored.grant.covers(study.uid)]
    mine.sort(key=lambda study: study.started or date.min, reverse=True)
    return HospitalPart(
        hospital=hospital,
        grant_handle=stored.grant.handle,
        studies=tuple(ProviderStudy(study, told.get(study.uid)) for study in mine),
        confirmed=preview is not None,
        size_bytes=total_size(preview.studies) if preview else None,
        how_far=_how_far(preview, late),
        progress=progress,
    )


def _how_far(preview: GatewayPreview | None, late: HowFar | None) -> HowFar | None:
    """Take the hospital's word of just now before its earlier one."""
    if preview is not None and not any(study.is_remote for study in preview.studies):
        return None
    return late or (HowFar("fetching", 0, None) if preview else None)
