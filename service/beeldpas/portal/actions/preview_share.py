"""A patient sees exactly what would leave, hospital by hospital, before making a share.

A browser is not believed: the chosen studies are looked up anew in the registries, and every hospital says itself
what it would serve.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from beeldpas.domain.actions import Action
from beeldpas.domain.bsn import BSN
from beeldpas.domain.study import Study
from beeldpas.domain.timeline import Source, Timeline
from beeldpas.portal.actions import resources
from beeldpas.portal.actions.asker import Asker
from beeldpas.portal.actions.frame import Deed, Refusal, perform, require
from beeldpas.portal.actions.hospital_answers import ask_hospitals
from beeldpas.portal.actions.question import ask_for_patient
from beeldpas.portal.actions.view_timeline import gather
from beeldpas.portal.directory import Hospital
from beeldpas.portal.house import House
from beeldpas.portal.registries.held import GatewayPreview, StudyPreview


@dataclass(frozen=True, slots=True)
class Choice:
    """One study at one hospital, as the browser names it."""

    study_uid: str
    gateway_id: str


@dataclass(frozen=True, slots=True)
class PreviewItem:
    """One chosen study; `preview` is None when its hospital did not say what it would serve."""

    study: Study
    hospital: Hospital
    preview: StudyPreview | None


@dataclass(frozen=True, slots=True)
class SharePreview:
    """What would leave; `unconfirmed` are hospitals that did not answer, `gone` is what nobody holds any more.

    `generations`: of each hospital's index (by id) when it answered.
    """

    items: tuple[PreviewItem, ...]
    unconfirmed: tuple[Hospital, ...]
    gone: tuple[Choice, ...]
    generations: Mapping[str, int]


async def preview_share(house: House, asker: Asker, bsn: BSN, chosen: Sequence[Choice]) -> SharePreview:
    """Return what a share of these studies would hold. Raises: Refused("share_nothing_chosen"), NotFound."""
    own = resources.history_of(asker, bsn)
    await require(house, asker, Action.PREVIEW_SHARE, own, chosen=len(chosen))
    preview = await look_up(house, asker, bsn, chosen)

    async def work(deed: Deed) -> SharePreview | Refusal:
        deed.about_patient(own.id, "own")
        deed.details = {
            "studies": [item.study.uid for item in preview.items],
            "hospitals": sorted({item.hospital.gateway_id for item in preview.items}),
        }
        return deed.authorise(own, chosen=len(chosen)) or preview

    return await perform(house, asker, Action.PREVIEW_SHARE, work)


async def look_up(house: House, asker: Asker, bsn: BSN, chosen: Sequence[Choice]) -> SharePreview:
    """Find the chosen studies in the registries and ask their hospitals. For actions only.

    Raises: NotFound for a hospital that is not in the directory.
    """
    timeline = await gather(house, asker, bsn)
    found = {choice: held_in(timeline, choice) for choice in chosen}
    silent = {source.name for source in timeline.missing}
    wanted: dict[str, list[str]] = {}
    for choice, study in found.items():
        if study is not None and choice.gateway_id not in silent:
            wanted.setdefault(choice.gateway_id, []).append(choice.study_uid)
    answers = await ask_hospitals(house, wanted, asker.language, ask_for_patient(house, asker))
    return _sort_out(house, found, answers, all_known=not unanswered(timeline))


def held_in(timeline: Timeline, choice: Choice) -> Study | None:
    """Return the chosen study when the registries say that the chosen hospital holds it."""
    for study in timeline.studies:
        if study.uid == choice.study_uid:
            return study if any(one.gateway_id == choice.gateway_id for one in study.holdings) else None
    return None


def unanswered(timeline: Timeline) -> tuple[Source, ...]:
    """Return the registries that did not answer, so that a study may exist although it was not found."""
    return tuple(source for source in timeline.missing if not source.hospital)


def _sort_out(
    house: House,
    found: Mapping[Choice, Study | None],
    answers: Mapping[str, GatewayPreview],
    *,
    all_known: bool,
) -> SharePreview:
    """Tell apart what would leave, what nobody confirmed, and what is gone."""
    items: list[PreviewItem] = []
    unconfirmed: dict[Hospital, None] = {}
    gone: list[Choice] = []
    for choice, study in found.items():
        hospital, answer = house.directory.by_id(choice.gateway_id), answers.get(choice.gateway_id)
        told = {one.uid: one for one in answer.studies}.get(choice.study_uid) if answer else None
        if study is not None and (told is not None or answer is None):
            items.append(PreviewItem(study, hospital, told))
        if told is None and (all_known if study is None else answer is not None):
            gone.append(choice)
        elif told is None:
            unconfirmed[hospital] = None
    generations = {gateway_id: answer.generation for gateway_id, answer in answers.items()}
    return SharePreview(tuple(items), tuple(unconfirmed), tuple(gone), generations)
