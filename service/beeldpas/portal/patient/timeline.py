"""The imaging history: what is there by now, and who has not answered yet.

A look asks the registries and hospitals anew, unless they are being asked for this visit right now.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from starlette.responses import Response

from beeldpas.domain.study import Study
from beeldpas.domain.timeline import Source, Timeline
from beeldpas.portal.actions.view_timeline import follow_timeline
from beeldpas.portal.pages.states import StateText
from beeldpas.portal.pages.visit import Visit
from beeldpas.portal.patient.coming_in import AGAIN, OF, ComingIn
from beeldpas.portal.patient.door import PatientVisit, for_patients
from beeldpas.portal.patient.draft import Draft
from beeldpas.portal.patient.filter_words import chosen_words, filter_fields
from beeldpas.portal.patient.shown_studies import own_studies, study_key
from beeldpas.portal.patient.small_pictures import SmallPictures, has_picture
from beeldpas.portal.patient.timeline_filter import TimelineFilter, cut
from beeldpas.portal.patient.unfinished import note_of
from beeldpas.portal.words.voice import Voice

NOTHING_CHOSEN = "nothing-chosen"


@dataclass(frozen=True, slots=True)
class Card:
    """One examination in the list; `key` names it in addresses of this visit only, since UIDs are personal data.

    `is_asked`: a hospital that holds it has not answered yet.
    """

    study: Study
    key: str
    gateway_id: str
    chosen: bool
    images: int | None
    is_asked: bool

    @property
    def confirmed(self) -> bool:
        """Say whether a hospital itself said that it holds the study."""
        return any(holding.confirmed for holding in self.study.holdings)

    @property
    def has_picture(self) -> bool:
        """Say whether there can be a small picture of it."""
        return has_picture(self.study, self.gateway_id)


@for_patients
async def timeline(visit: PatientVisit) -> Response:
    """Show one page of the examinations, and who did not answer; after a try to share nothing, say that first."""
    nothing_chosen = NOTHING_CHOSEN in visit.request.query_params
    query = visit.request.query_params
    kept = await follow_timeline(visit.house, visit.asker, visit.bsn, name=query.get(OF, ""), insists=AGAIN in query)
    found = kept.now()
    own = own_studies(found)
    wanted = TimelineFilter.read(query)
    shown = cut(own, wanted)
    chosen = dict(Draft.of(visit).chosen)
    asked = frozenset(source.name for source in found.asked)
    cards = [_card(visit, study, chosen, asked) for study in shown.studies]
    years = [
        (year, list(group))
        for year, group in groupby(cards, lambda card: card.study.started.year if card.study.started else None)
    ]
    here = {one.uid for one in shown.studies}
    pictures = SmallPictures.of(visit, ((card.study, card.gateway_id) for card in cards))
    return visit.page(
        "patient/timeline.html",
        visit.titled("timeline.title", "timeline.title_other"),
        who="",
        here="timeline",
        errors={"content": visit.state("share_nothing_chosen")} if nothing_chosen else {},
        years=years,
        absent=list(_absent(visit, found, [one for one in found.missing if one.state not in ("late", "asked")])),
        late=list(_absent(visit, found, [one for one in found.missing if one.state == "late"])),
        coming_in=ComingIn.of(visit, kept, found, len(own)),
        source_slow=visit.state("source_slow"),
        unreadable=_unreadable(visit, found),
        nothing=visit.state("nothing_found_partial" if found.missing else "nothing_found"),
        wanted=wanted,
        shown=shown,
        has_any=bool(own),
        reports_alone=found.reports,
        filters=filter_fields(visit.say, wanted, own),
        filter_empty=visit.state("filter_empty", filters=chosen_words(visit.say, wanted, own)),
        pictures=pictures,
        csp="thumbnails" if pictures else "plain",
        images_from=pictures.hospitals if pictures else (),
        unfinished=note_of(visit),
        kept=[(uid, at) for uid, at in chosen.items() if uid not in here],
    )


def images_in(say: Voice, study: Study) -> int | None:
    """Return how many pictures there are; None while nobody has said, and where there is a report alone."""
    if any(series.instances is not None for series in study.series):
        return say.images(study.series) or None
    return study.instances


def _card(visit: Visit, study: Study, chosen: dict[str, str], asked: frozenset[str]) -> Card:
    held_at = {holding.gateway_id for holding in study.holdings}
    before = chosen.get(study.uid, "")
    gateway_id = before if before in held_at else study.origin.gateway_id
    is_asked = not asked.isdisjoint(held_at)
    images = images_in(visit.say, study)
    return Card(study, study_key(visit, study.uid), gateway_id, study.uid in chosen, images, is_asked)


def _absent(visit: Visit, found: Timeline, missing: Iterable[Source]) -> Iterable[StateText]:
    """Say for each of these sources, which did not answer, what that means for the list."""
    shown = {holding.gateway_id for study in found.studies for holding in study.holdings}
    for source in missing:
        if source.name in shown:
            yield _unconfirmed(visit, source)
        else:
            yield absence(visit, source)


def absence(visit: Visit, source: Source) -> StateText:
    """Say that a source did not answer (of a registry: that anything may be missing), or did not show everything."""
    name = source.hospital or source.name
    if source.state != "partial":
        silent = visit.state("source_no_answer", hospital=name)
        return silent if source.hospital else visit.state("registry_no_answer")
    t = visit.say.t
    return StateText(
        t("timeline.partial_title", hospital=name), t("timeline.partial_why"), t("timeline.partial_next")
    )


def _unconfirmed(visit: Visit, source: Source) -> StateText:
    t = visit.say.t
    return StateText(
        t("timeline.unconfirmed_title", hospital=source.hospital),
        t("timeline.unconfirmed_why"),
        t("timeline.unconfirmed_next"),
    )


def _unreadable(visit: Visit, found: Timeline) -> StateText | None:
    if not found.unreadable:
        return None
    told = [source for source in found.sources if source.unreadable]
    names = [source.name for source in told or found.sources if not source.hospital]
    return visit.state("items_unreadable", n=found.unreadable, hospital=", ".join(names))
