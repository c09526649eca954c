"""The patient's shares: all of them, one of them, its code and letter."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

from starlette.datastructures import FormData
from starlette.responses import Response

from beeldpas.domain.errors import Refused
from beeldpas.domain.share import ShareState
from beeldpas.portal.actions import view_shares
from beeldpas.portal.actions.print_letter import print_letter
from beeldpas.portal.actions.share_views import ShareView, UseView
from beeldpas.portal.actions.suspend_all import EVERYTHING
from beeldpas.portal.letter.letter import Letter, write_letter
from beeldpas.portal.letter.qr import qr_svg
from beeldpas.portal.link import seal_link
from beeldpas.portal.pages.changed_words import changed_words
from beeldpas.portal.pages.share_words import ShareWords, reason_for_patient, share_words
from beeldpas.portal.pages.states import StateText
from beeldpas.portal.pages.visit import Visit, text
from beeldpas.portal.patient import shown
from beeldpas.portal.patient.door import PatientVisit, for_patients
from beeldpas.portal.registries.held import StudyPreview
from beeldpas.portal.store.share_studies import SharedStudy
from beeldpas.portal.words.voice import Voice

_LONGEST_NAME = 80
RESUMED = "resumed"
ALLOWED = "allowed"
REFUSED = "refused"


@for_patients
async def shares(visit: PatientVisit) -> Response:
    """Show to whom access was given."""
    all_shares = await view_shares.view_shares(visit.house, visit.asker)
    return visit.page(
        "patient/shares.html",
        visit.titled("shares.title", "shares.title_other"),
        who="",
        here="shares",
        shares=[(share, words_of(visit, share)) for share in all_shares],
        all_paused_at=_all_paused_at(all_shares),
    )


@for_patients
async def share(visit: PatientVisit) -> Response:
    """Show one share: who used it, and what can be done with it."""
    found = await the_share(visit)
    held = await view_shares.held_now(visit.house, visit.asker, found) if words_of(visit, found).can_stop else {}
    return share_page(visit, found, {}, held)


def share_page(
    visit: PatientVisit,
    share: ShareView,
    errors: dict[str, StateText],
    held: Mapping[SharedStudy, StudyPreview | None] = MappingProxyType({}),
) -> Response:
    """Render one share, with what went wrong at changing it, and what the hospitals hold now."""
    waiting = {
        asking.id: visit.state("second_org_asks", org=asking.name, org1=share.organisation or "")
        for asking in share.waiting
    }
    return visit.page(
        "patient/share.html",
        share.for_whom or visit.say.t("shares.erased", date=visit.say.date(share.made_at)),
        who="",
        here="shares",
        status=400 if errors else 200,
        errors=errors,
        share=share,
        hospital_names={study.gateway_id: study.hospital for study in share.studies},
        words=words_of(visit, share),
        is_paused=_is_paused(share),
        paused_why=reason_for_patient(visit.say, share.suspended_why),
        stopped=stopped_words(visit, share),
        resumed=RESUMED in visit.request.query_params and not _is_paused(share),
        answered=_answered(visit),
        waiting=waiting,
        code_is_shown=shown.of(visit, share.share_id) is not None,
        use_words=lambda use: use_words(visit.say, use),
        gone=[study for study, preview in held.items() if preview is None],
        changed={
            study: changed_words(visit.say, preview.changed)
            for study, preview in held.items()
            if preview and preview.changed
        },
    )


@for_patients
async def code(visit: PatientVisit) -> Response:
    """Show code, link, QR and PIN, while they can be seen."""
    share = await the_share(visit)
    seen = shown.of(visit, share.share_id)
    if seen is None:
        return visit.page(
            "patient/new_code.html",
            visit.state("code_hidden").title,
            who="",
            here="shares",
            share=share,
            hidden=visit.state("code_hidden"),
        )
    link = seal_link(visit.house.secrets, visit.house.settings.base_url, seen.code)
    replaced = visit.state("code_replaced") if seen.replaced else None
    return visit.page(
        "patient/code.html",
        replaced.title if replaced else visit.say.t("code.title"),
        who="",
        here="shares",
        share=share,
        replaced=replaced,
        link=link,
        qr=qr_svg(link),
        code=seen.code.grouped(),
        pin=f"{seen.pin.reveal()[:3]} {seen.pin.reveal()[3:]}",
        until=seen.until,
    )


@for_patients
async def letter(visit: PatientVisit) -> Response:
    """Give the letter as a PDF; the name is what the patient typed just now, and is kept nowhere."""
    form = await visit.form() if visit.request.method == "POST" else FormData()
    facts = await print_letter(visit.house, visit.asker, visit.request.path_params["share_id"])
    seen = shown.of(visit, facts.share_id)
    if seen is None:
        raise Refused("code_hidden")
    link = seal_link(visit.house.secrets, visit.house.settings.base_url, seen.code)
    wanted = Letter(
        facts,
        link,
        seen.code.grouped(),
        text(form, "patient_name")[:_LONGEST_NAME],
        seen.until,
        visit.now,
        names_hospitals=bool(text(form, "hospitals")),
        names_studies=bool(text(form, "studies")),
    )
    pdf = await write_letter(visit.pages, wanted)
    headers = {"Content-Disposition": f'attachment; filename="{facts.reference}.pdf"'}
    return Response(pdf, media_type="application/pdf", headers=headers)


async def the_share(visit: PatientVisit) -> ShareView:
    """Return the share that the address names. Raises: NotFound."""
    return await view_shares.one(visit.house, visit.asker, visit.request.path_params["share_id"])


def stopped_words(visit: PatientVisit, share: ShareView) -> str:
    """Say by whom and why a share was stopped for good; "" when it was not, or nobody knows any more."""
    if share.stopped is None or share.revoked_at is None:
        return ""
    who = "staff" if share.stopped.by == "staff" else "other" if share.stopped.stood_in else "patient"
    reason = reason_for_patient(visit.say, share.stopped.why)
    when = visit.say.moment(share.revoked_at)
    return visit.say.t(f"stopped.by_{who}", date=when, reason=reason)


def words_of(visit: Visit, share: ShareView) -> ShareWords:
    """Say where a share stands, to its patient."""
    return share_words(
        visit.say,
        state=share.state,
        now=visit.now,
        expires_at=share.expires_at,
        revoked_at=share.revoked_at,
        organisation=share.organisation,
        is_waiting=bool(share.waiting),
        is_used=bool(share.uses),
    )


def _all_paused_at(shares: Sequence[ShareView]) -> datetime | None:
    """Return when everything was paused because somebody phoned, if that still holds for anything."""
    moments = [one.suspended_at for one in shares if one.suspended_why == EVERYTHING and _is_paused(one)]
    return max((moment for moment in moments if moment is not None), default=None)


def _answered(visit: PatientVisit) -> str:
    """Say back what the patient just decided about another organisation; "" when nothing."""
    if ALLOWED in visit.request.query_params:
        return visit.say.t("share.allowed")
    return visit.say.t("share.refused") if REFUSED in visit.request.query_params else ""


def _is_paused(share: ShareView) -> bool:
    return share.state is ShareState.SUSPENDED


def use_words(say: Voice, use: UseView) -> str:
    """Say what somebody did with a share, and how it went."""
    key = f"use.{use.what}.{use.outcome}"
    said = say.t(key if say.t.knows(key) else f"use.{use.what}", hospital=use.hospital)
    return f"{said} ({say.size(use.bytes)})" if use.bytes else said
