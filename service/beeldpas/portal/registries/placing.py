"""Laying found studies in the hospitals that the directory knows: an address in an answer is only a claim.

Nothing is ever fetched from such an address; what counts is which hospital of the directory it leads to.
"""

from collections.abc import Iterable
from dataclasses import replace

from beeldpas.domain.identity import Claim
from beeldpas.domain.study import Elsewhere, Holding, Report, Study
from beeldpas.domain.timeline import History, merge
from beeldpas.formats.found import Found, FoundPlace, FoundReport, FoundStudy
from beeldpas.portal.directory import Directory, Hospital
from beeldpas.portal.registries.port import RegistryAnswer


def placed(found: Found, directory: Directory) -> RegistryAnswer:
    """Give each study the hospitals that hold it; tell where else it is said to be, and why nobody is asked there."""
    studies, homeless = [], 0
    known = {place: _hospital(place, directory) for place in {place for one in found.studies for place in one.places}}
    for one in found.studies:
        holdings, elsewhere = [], set[Elsewhere]()
        for place in one.places:
            hospital = known[place]
            if hospital is None:
                elsewhere.add(_elsewhere(place, directory))
            else:
                holdings.append(_holding(one, hospital))
        homeless += not one.places
        if one.places:
            studies.append(replace(_with_holdings(one.study, holdings), elsewhere=tuple(sorted(elsewhere))))
    history = merge([History(tuple(studies), tuple(_reports(found.reports, directory)))])
    return RegistryAnswer(
        studies=history.studies,
        reports=history.reports,
        unreadable=found.unreadable + homeless,
        complete=found.complete,
        warnings=found.warnings,
        failed=found.failed,
        claims=tuple(_claims(found.studies, directory)),
    )


def _claims(found: Iterable[FoundStudy], directory: Directory) -> Iterable[Claim]:
    """What each custodian says of whose its study is; of one that is not in the directory nothing counts."""
    for one in found:
        hospital, told = directory.with_ura(one.custodian), one.fingerprints
        if hospital is not None and (told.birth_date or told.sex):
            yield Claim(one.study.uid, hospital.gateway_id, told.birth_date, told.sex)


def _hospital(place: FoundPlace, directory: Directory) -> Hospital | None:
    """The hospital of a place: by address, or by location where no address is given; its URA must not contradict."""
    hospital = directory.at(place.address) if place.address else directory.with_location(place.location)
    return hospital if hospital is not None and place.custodian in ("", hospital.ura) else None


def _elsewhere(place: FoundPlace, directory: Directory) -> Elsewhere:
    """Tell of a place that the directory does not have so: it knows nobody there, or knows them otherwise."""
    known = (
        directory.with_ura(place.custodian) or directory.at(place.address) or directory.with_location(place.location)
    )
    return Elsewhere(place.name, place.custodian, "unknown" if known is None else "contradicted")


def _holding(found: FoundStudy, hospital: Hospital) -> Holding:
    return Holding(
        gateway_id=hospital.gateway_id,
        hospital=hospital.name,
        custodian=hospital.ura,
        origin=found.origin and found.custodian in ("", hospital.ura),
        base_url=hospital.base_url,
        confirmed=False,
        instances=found.study.instances,
        size_bytes=None,
    )


def _with_holdings(study: Study, holdings: list[Holding]) -> Study:
    by_hospital = {holding.gateway_id: holding for holding in holdings}
    kept = tuple(by_hospital[gateway_id] for gateway_id in sorted(by_hospital))
    if not kept:
        return study
    speaker = min(kept, key=lambda one: (not one.origin, one.gateway_id))
    dates = tuple(replace(one, hospital=speaker.hospital, origin=speaker.origin) for one in study.dates)
    return replace(study, holdings=kept, dates=dates)


def _reports(found: Iterable[FoundReport], directory: Directory) -> Iterable[Report]:
    """Each report with the names of its hospitals, as the directory calls them where it knows them."""
    for one in found:
        known = directory.with_ura(one.custodian)
        yield replace(one.report, hospitals=(known.name,)) if known else one.report
