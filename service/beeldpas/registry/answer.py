"""Putting an answer together: kept entries become resources again, and every reference leads somewhere in it.

*Source:* FHIR R4 §3.1.1.5.4 (include), docs/wire.md §2.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from beeldpas.domain.bsn import BSN
from beeldpas.formats.fhir import systems, values
from beeldpas.formats.fhir.bundles import searchset
from beeldpas.formats.fhir.text import Resource, parse, render
from beeldpas.registry.splicing import referring, spliced
from beeldpas.registry.store.kept import Kept
from beeldpas.registry.store.lookup import Registered


@dataclass(frozen=True, slots=True)
class Answer:
    """A searchset as text, and how many studies match, on all pages."""

    text: str
    total: int


def searchset_of(
    found: Registered, bsn: BSN, base: str, *, with_endpoints: bool, with_reports: bool, following: str = ""
) -> Answer:
    """Make the Bundle that answers a search; the subject is the person who was asked about."""
    subject = render(_subject(bsn)["subject"])
    entries = [
        _entry(base, "ImagingStudy", one.entry_id, "match", _study(one, bsn, subject)) for one in found.studies
    ]
    if with_endpoints:
        entries += [
            _entry(base, "Endpoint", one.entry_id, "include", _study(one, None, "")) for one in found.endpoints
        ]
    if with_reports:
        told = _reports(found, bsn, subject)
        entries += [_entry(base, "DiagnosticReport", entry_id, "include", text) for entry_id, text in told]
    frame = render(searchset(base, (), (), total=found.total, following=following))
    return Answer(f'{frame[:-1]},"entry":[{",".join(entries)}]}}' if entries else frame, found.total)


def _entry(base: str, kind: str, entry_id: str, mode: str, resource: str) -> str:
    return f'{{"fullUrl":"{base}/{kind}/{entry_id}","resource":{resource},"search":{{"mode":"{mode}"}}}}'


def _study(kept: Kept, bsn: BSN | None, subject: str) -> str:
    """A study or an endpoint as text."""
    quick = spliced(kept, subject, instant(kept.updated_at))
    return quick or render(shown(kept) | (_subject(bsn) if bsn else {}))


def _reports(found: Registered, bsn: BSN, subject: str) -> Iterator[tuple[str, str]]:
    """The ids and texts of reports about the studies that were found; one about none of them stays out."""
    holders: dict[str, dict[str, str]] = defaultdict(dict)
    for study in found.studies:
        holders[study.key][study.gateway_id] = study.entry_id
    for report in found.reports:
        text = referring(report.resource, report.gateway_id, holders)
        if text == "":
            continue
        quick = spliced(replace(report, resource=text), subject, instant(report.updated_at)) if text else None
        slow = "" if quick else _report(report, bsn, holders)
        if told := quick or slow:
            yield report.entry_id, told


def _report(report: Kept, bsn: BSN, holders: Mapping[str, Mapping[str, str]]) -> str:
    resource = shown(report)
    resource["imagingStudy"] = _references(resource["imagingStudy"], report.gateway_id, holders)
    return render(resource | _subject(bsn)) if resource["imagingStudy"] else ""


def _references(
    named: Sequence[Resource], gateway_id: str, holders: Mapping[str, Mapping[str, str]]
) -> list[Resource]:
    """Turn study UIDs into references, to the hospital's own entry where it has one."""
    references = []
    for one in named:
        held = holders.get(values.uid(values.identified([one["identifier"]], systems.DICOM_UID)))
        if held:
            references.append(one | {"reference": f"ImagingStudy/{held.get(gateway_id) or held[min(held)]}"})
    return references


def resource_of(kept: Kept) -> Resource:
    """One entry as FHIR shows it: with its id and its version; without its subject."""
    resource = parse(kept.resource.encode())
    told: Resource = {"versionId": str(kept.version), "lastUpdated": instant(kept.updated_at)}
    return resource | {"id": kept.entry_id, "meta": resource.get("meta", {}) | told}


def shown(kept: Kept) -> Resource:
    """One entry with from whom it is withheld, as far as whoever looks may know."""
    resource = resource_of(kept)
    resource["meta"].pop("security", None)
    if kept.withheld:
        resource["meta"]["security"] = [{"system": systems.WITHHELD_FROM, "code": code} for code in kept.withheld]
    return resource


def instant(moment: datetime) -> str:
    """A moment as FHIR writes it, to the millisecond."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _subject(bsn: BSN) -> Resource:
    return {"subject": {"identifier": {"system": systems.BSN, "value": bsn.reveal()}}}
