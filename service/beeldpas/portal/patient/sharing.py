"""Making a share in three steps: choose, for whom and how long, check exactly what leaves."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from starlette.datastructures import FormData
from starlette.responses import Response

from beeldpas.domain.consent import CURRENT, PARTS, text_name
from beeldpas.domain.errors import Conflict, Malformed
from beeldpas.domain.share import LONGEST_DAYS, SHORTEST_DAYS, end_after
from beeldpas.domain.study import Study
from beeldpas.portal.actions.make_share import make_share
from beeldpas.portal.actions.preview_share import PreviewItem, SharePreview, preview_share
from beeldpas.portal.directory import Hospital
from beeldpas.portal.pages.persons import IdentityLine, identity_lines
from beeldpas.portal.pages.states import StateText, state_key
from beeldpas.portal.pages.visit import Visit, text
from beeldpas.portal.patient import shown
from beeldpas.portal.patient.door import PatientVisit, for_patients
from beeldpas.portal.patient.draft import RESTORED, Counted, Draft, forget
from beeldpas.portal.patient.unfinished import keep_terms, note_of, or_keep
from beeldpas.portal.registries.held import StudyPreview, total_size
from beeldpas.portal.words.chosen import chosen_words
from beeldpas.portal.words.voice import Voice

_AGAIN = "again"
_FIELD_OF = {
    "share_for_whom_missing": "for_whom",
    "share_date_out_of_range": "days",
    "share_two_dates": "days",
    "text_too_long": "note",
    "language": "language",
}


@dataclass(frozen=True, slots=True)
class StudyPart:
    """One study that would leave, with its objects counted as people count them."""

    study: Study
    preview: StudyPreview | None
    images: int
    technical: int


@dataclass(frozen=True, slots=True)
class HospitalPart:
    """What would leave from one hospital."""

    hospital: Hospital
    studies: tuple[StudyPart, ...]
    identities: tuple[IdentityLine, ...]

    @property
    def images(self) -> int:
        """How many pictures."""
        return sum(item.images for item in self.studies)

    @property
    def reports(self) -> int:
        """How many reports."""
        return sum(len(item.preview.reports) for item in self.studies if item.preview)

    @property
    def size_bytes(self) -> int | None:
        """How large it is, if that is known of everything."""
        return total_size(item.preview for item in self.studies if item.preview)


@for_patients
async def terms(visit: PatientVisit) -> Response:
    """Ask for whom and how long; after a try that did not do, say what is wrong with everything still filled in."""
    draft = Draft.of(visit)
    if not draft.chosen:
        return visit.go("/timeline")
    return _terms_page(visit, draft, _wrong_with(visit, draft) if _AGAIN in visit.request.query_params else {})


@or_keep(keep_terms)
@for_patients
async def set_terms(visit: PatientVisit) -> Response:
    """Take for whom and how long."""
    form = await visit.form()
    draft = Draft.of(visit).filled_in({name: text(form, name) for name in form})
    await draft.keep(visit)
    return visit.go(f"/share/terms?{_AGAIN}" if _wrong_with(visit, draft) else "/share/check")


@for_patients
async def check(visit: PatientVisit) -> Response:
    """Show exactly what would leave, from which hospital."""
    draft = Draft.of(visit)
    if not draft.chosen:
        return visit.go("/timeline")
    if _wrong_with(visit, draft):
        return visit.go("/share/terms")
    agreed = draft.terms(visit.now)
    preview = await preview_share(visit.house, visit.asker, visit.bsn, draft.choices)
    if preview.gone:
        left = [pair for pair in draft.chosen if pair not in {(c.study_uid, c.gateway_id) for c in preview.gone}]
        draft = draft.choosing(left)
        await draft.keep(visit)
    return visit.page(
        "patient/check.html",
        visit.say.t("check.title"),
        who="",
        here="timeline",
        terms=agreed,
        ends_at=end_after(visit.now, agreed.days),
        request_id=Draft.of(visit).request_id,
        consent=text_name(visit.say.language),
        consent_parts=[f"consent.{CURRENT}.{part}" for part in range(1, PARTS + 1)],
        relation=visit.asker.relation or "self",
        parts=(parts := _by_hospital(visit, preview.items)),
        chosen=chosen_words(visit.say, _amount(parts)),
        gone=[visit.state("share_study_gone", hospital=name) for name in _names_of_gone(visit, preview)],
        unconfirmed=[
            (hospital, visit.state("share_hospital_unconfirmed", hospital=hospital.name))
            for hospital in preview.unconfirmed
        ],
    )


@for_patients
async def without(visit: PatientVisit) -> Response:
    """Go on without a hospital that does not answer."""
    gateway_id = text(await visit.form(), "hospital")
    draft = Draft.of(visit)
    await draft.choosing([pair for pair in draft.chosen if pair[1] != gateway_id]).keep(visit)
    return visit.go("/share/check")


@for_patients
async def begin_anew(visit: PatientVisit) -> Response:
    """Throw away what was put together so far."""
    await forget(visit)
    return visit.go("/share")


@for_patients
async def make(visit: PatientVisit) -> Response:
    """Make the share, once, however often the button was pressed."""
    draft, form = Draft.of(visit), await visit.form()
    request_id = text(form, "request_id")
    last = shown.last_request(visit)
    if last and last[0] == request_id:
        return visit.go(f"/shares/{last[1]}/code")
    if not draft.chosen or request_id != draft.request_id:
        raise Conflict("two_tabs")
    terms = replace(draft.terms(visit.now), consent=_agreed_to(visit, form))
    try:
        made = await make_share(visit.house, visit.asker, visit.bsn, draft.choices, terms, request_id)
    except Conflict as error:
        if error.reason != "double_submit":
            raise
        return visit.go(f"/shares/{error.detail['share_id']}")
    await shown.keep(visit, made, request_id=request_id)
    await forget(visit)
    return visit.go(f"/shares/{made.share_id}/code")


def _agreed_to(visit: Visit, form: FormData) -> str:
    """Return the text that was agreed to: the one that is shown now, or somebody saw another. Raises: Conflict."""
    shown_now = text_name(visit.say.language)
    if text(form, "consent") != shown_now:
        raise Conflict("two_tabs")
    return shown_now


def _terms_page(visit: PatientVisit, draft: Draft, errors: dict[str, StateText]) -> Response:
    return visit.page(
        "patient/terms.html",
        visit.say.t("terms.title"),
        who="",
        here="timeline",
        status=400 if errors else 200,
        errors=errors,
        form=draft.form,
        chosen=chosen_words(visit.say, draft.amount),
        unfinished=note_of(visit),
        restored=RESTORED in visit.values,
        now=visit.now,
    )


def _wrong_with(visit: PatientVisit, draft: Draft) -> dict[str, StateText]:
    """Return what is wrong with the terms, by field; nothing when they will do."""
    try:
        draft.terms(visit.now)
    except Malformed as error:
        first, last = (visit.say.days_from(visit.now, days) for days in (SHORTEST_DAYS, LONGEST_DAYS))
        said = visit.state(state_key(visit.say.t, error), date=first, date2=last, **error.detail)
        return {_FIELD_OF.get(error.reason, "for_whom"): said}
    return {}


def _by_hospital(visit: Visit, items: Iterable[PreviewItem]) -> list[HospitalPart]:
    grouped: dict[Hospital, list[PreviewItem]] = {}
    for item in items:
        grouped.setdefault(item.hospital, []).append(item)
    return [
        HospitalPart(hospital, tuple(_study_part(visit.say, item) for item in mine), _identities(visit, mine))
        for hospital, mine in grouped.items()
    ]


def _amount(parts: Sequence[HospitalPart]) -> Counted:
    """Count all that would leave, as the hospitals say it themselves."""
    sizes = [part.size_bytes for part in parts]
    return Counted(
        sum(len(part.studies) for part in parts),
        len(parts),
        sum(part.images for part in parts),
        sum(part.reports for part in parts),
        None if None in sizes else sum(size for size in sizes if size is not None),
    )


def _study_part(say: Voice, item: PreviewItem) -> StudyPart:
    if item.preview is None:
        return StudyPart(item.study, None, 0, 0)
    images, reports = say.images(item.preview.series), len(item.preview.reports)
    others = max(0, (item.preview.instances or 0) - images - reports)
    return StudyPart(item.study, item.preview, images, others)


def _identities(visit: Visit, items: Sequence[PreviewItem]) -> tuple[IdentityLine, ...]:
    said = ((item.hospital.name, item.preview.identity) for item in items if item.preview)
    return identity_lines(visit.say, said)


def _names_of_gone(visit: Visit, preview: SharePreview) -> list[str]:
    ids = dict.fromkeys(choice.gateway_id for choice in preview.gone)
    known = {hospital.gateway_id: hospital.name for hospital in visit.house.directory.hospitals}
    return [known.get(gateway_id, gateway_id) for gateway_id in ids]
