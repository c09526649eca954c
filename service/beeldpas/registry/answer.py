"""Putting an answer together: kept entries become resources again, and every reference leads somewhere in it.

*Source:* FHIR R4 §3.1.1.5.4 (include), docs/wire.md §2.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from beeldpas.domain.bsn import BSN
from beeldpas.formats.fhir import systems, values
from beeldpas.formats.fhir.bundles import searchset
from beeldpas.formats.fhir.text import Resource, parse
from beeldpas.registry.store.kept import Kept
from beeldpas.registry.store.lookup import Registered


def searchset_of(
    found: Registered, bsn: BSN, base: str, *, with_endpoints: bool, with_reports: bool, following: str = ""
) -> Resource:
    """Make the Bundle that answers a search; the subject is the person who was asked about."""
    matches = [_shown(study) | _subject(bsn) for study in found.studies]
    included = [resource_of(endpoint) for endpoint in found.endpoints] if with_endpoints else []
    if with_reports:
        included += _reports(found, bsn)
    return searchset(base, matches, included, total=found.total, following=following)


def _reports(found: Registered, bsn: BSN) -> list[Resource]:
    """The reports about the studies that were found; one about none of them stays out."""
    holders: dict[str, list[Kept]] = defaultdict(list)
    for study in found.studies:
        holders[study.key].append(study)
    told = []
    for report in found.reports:
        resource = _shown(report)
        resource["imagingStudy"] = _references(resource["imagingStudy"], report.gateway_id, holders)
        if resource["imagingStudy"]:
            told.append(resource | _subject(bsn))
    return told


def _references(named: Sequence[Resource], gateway_id: str, holders: Mapping[str, Sequence[Kept]]) -> list[Resource]:
    """Turn study UIDs into references, to the hospital's own entry where it has one."""
    references = []
    for one in named:
        uid = values.uid(values.identified([one["identifier"]], systems.DICOM_UID))
        entries = sorted(holders.get(uid, ()), key=lambda entry: (entry.gateway_id != gateway_id, entry.gateway_id))
        if entries:
            references.append(one | {"reference": f"ImagingStudy/{entries[0].entry_id}"})
    return references


def resource_of(kept: Kept) -> Resource:
    """One entry as FHIR shows it: with its id and its version; without its subject."""
    resource = parse(kept.resource.encode())
    told: Resource = {"versionId": str(kept.version), "lastUpdated": instant(kept.updated_at)}
    return resource | {"id": kept.entry_id, "meta": resource.get("meta", {}) | told}


def _shown(kept: Kept) -> Resource:
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
