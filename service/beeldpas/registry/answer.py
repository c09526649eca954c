"""Putting an answer together: kept entries become resources again, and every reference leads somewhere in it.

*Source:* FHIR R4 §3.1.1.5.4 (include), docs/wire.md §2.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from beeldpas.domain.bsn import BSN
from beeldpas.formats.fhir import systems, values
from beeldpas.formats.fhir.bundles import searchset
from beeldpas.formats.fhir.text import Resource, parse
from beeldpas.registry.store.lookup import Kept, Registered


def searchset_of(found: Registered, bsn: BSN, base: str, *, with_endpoints: bool, with_reports: bool) -> Resource:
    """Make the Bundle that answers a search; the subject is the person who was asked about."""
    matches = [_resource(study) | _subject(bsn) for study in found.studies]
    included = [_resource(endpoint) for endpoint in found.endpoints] if with_endpoints else []
    if with_reports:
        included += _reports(found, bsn)
    return searchset(base, matches, included)


def _reports(found: Registered, bsn: BSN) -> list[Resource]:
    """The reports about the studies that were found; one about none of them stays out."""
    holders: dict[str, list[Kept]] = defaultdict(list)
    for study in found.studies:
        holders[study.key].append(study)
    told = []
    for report in found.reports:
        resource = _resource(report)
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


def _resource(kept: Kept) -> Resource:
    resource = parse(kept.resource.encode())
    meta = resource.get("meta", {}) | {
        "versionId": str(kept.version),
        "lastUpdated": kept.updated_at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }
    return resource | {"id": kept.entry_id, "meta": meta}


def _subject(bsn: BSN) -> Resource:
    return {"subject": {"identifier": {"system": systems.BSN, "value": bsn.reveal()}}}
