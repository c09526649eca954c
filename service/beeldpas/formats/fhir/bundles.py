"""Bundles: a batch of entries on the way in, the answer to it, and the answer to a search.

*Source:* FHIR R4 Bundle, §3.1.0.11 (transaction), §3.1.1.4 (search result).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote

from beeldpas.domain.errors import Malformed
from beeldpas.formats.fhir.publication import (
    PublishedStudy,
    PublishingHospital,
    endpoint_resource,
    report_resource,
    study_resource,
)
from beeldpas.formats.fhir.text import Resource

MAX_ENTRIES = 1000


@dataclass(frozen=True, slots=True)
class Put:
    """One entry of a transaction: the resource, where it goes and the version it must replace, if any.

    Without a resource, what stands there is to be taken out (DELETE).
    """

    url: str
    resource: Resource | None
    if_match: str | None = None


@dataclass(frozen=True, slots=True)
class Stored:
    """How one entry went. `location` is relative to the FHIR base; version 0: there was nothing to take out."""

    location: str
    version: int
    created: bool
    deleted: bool = False


def conditional_url(kind: str, identifier: Resource) -> str:
    """`ImagingStudy?identifier=system|value`, escaped."""
    token = f"{identifier['system']}|{identifier['value']}"
    return f"{kind}?identifier={quote(token, safe=':.')}"


def transaction(hospital: PublishingHospital, studies: Iterable[PublishedStudy]) -> Resource:
    """Bring studies, their reports and the hospital's endpoint together into one all-or-nothing message."""
    entries = [_put(f"Endpoint/{hospital.gateway_id}", endpoint_resource(hospital))]
    for study in studies:
        entries.append(_conditional(study_resource(study, hospital)))
        entries += [_conditional(report_resource(report, study, hospital)) for report in study.reports]
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}


def read_transaction(bundle: Resource) -> tuple[Put, ...]:
    """Return the entries of a transaction. Not checked: what is in their resources.

    Raises: Malformed("invalid_resource") naming the entry that is neither PUT of a resource nor DELETE.
    """
    entries = bundle.get("entry")
    if bundle.get("resourceType") != "Bundle" or bundle.get("type") != "transaction":
        raise Malformed("invalid_resource", {"where": "Bundle.type"})
    if not isinstance(entries, list) or not 0 < len(entries) <= MAX_ENTRIES:
        raise Malformed("invalid_resource", {"where": "Bundle.entry"})
    if set(bundle) - {"resourceType", "type", "entry"}:
        raise Malformed("invalid_resource", {"where": "Bundle"})
    return tuple(_read_put(entry, f"Bundle.entry[{index}]") for index, entry in enumerate(entries))


def transaction_response(stored: Iterable[Stored]) -> Resource:
    """The answer to a transaction, entry by entry in its order."""
    return {
        "resourceType": "Bundle",
        "type": "transaction-response",
        "entry": [{"response": _went(one)} for one in stored],
    }


def searchset(
    base: str,
    matches: Iterable[Resource],
    included: Iterable[Resource],
    *,
    total: int | None = None,
    following: str = "",
    address: str = "ImagingStudy/_search",
) -> Resource:
    """The answer to a search. Its `self` link leaves the parameters out, since they hold a BSN.

    `total` counts the matches of all pages (unless there is one); `following` is the address of the next page.
    """
    found = list(matches)
    entries = [_found(base, one, "match") for one in found]
    entries += [_found(base, one, "include") for one in included]
    links = [{"relation": "self", "url": f"{base}/{address}"}]
    answer: Resource = {
        "resourceType": "Bundle",
        "type": "searchset",
        "total": len(found) if total is None else total,
        "link": [*links, *([{"relation": "next", "url": following}] if following else ())],
    }
    return answer | ({"entry": entries} if entries else {})


def history(base: str, location: str, versions: Iterable[tuple[int, str, Resource | None]]) -> Resource:
    """What became of one entry, newest first: versions, when they began, and what they said (None: taken out)."""
    entries = [
        {
            "fullUrl": f"{base}/{location}",
            "request": {"method": "DELETE" if said is None else "PUT", "url": location},
            "response": {"status": "204" if said is None else "200", "etag": etag(version), "lastModified": began},
            **({} if said is None else {"resource": said}),
        }
        for version, began, said in versions
    ]
    links = [{"relation": "self", "url": f"{base}/{location}/_history"}]
    return {"resourceType": "Bundle", "type": "history", "total": len(entries), "link": links, "entry": entries}


def etag(version: int) -> str:
    """A version as FHIR writes it in ETag and If-Match."""
    return f'W/"{version}"'


def _went(one: Stored) -> Resource:
    if one.deleted:
        return {"status": "204 No Content", **({"etag": etag(one.version)} if one.version else {})}
    return {
        "status": "201 Created" if one.created else "200 OK",
        "location": f"{one.location}/_history/{one.version}",
        "etag": etag(one.version),
    }


def _put(url: str, resource: Resource) -> Resource:
    return {"resource": resource, "request": {"method": "PUT", "url": url}}


def _conditional(resource: Resource) -> Resource:
    return _put(conditional_url(resource["resourceType"], resource["identifier"][0]), resource)


def _read_put(entry: object, where: str) -> Put:
    if not isinstance(entry, dict) or set(entry) - {"resource", "request", "fullUrl"}:
        raise Malformed("invalid_resource", {"where": where})
    resource, request = entry.get("resource"), entry.get("request")
    if not isinstance(request, dict):
        raise Malformed("invalid_resource", {"where": where})
    url, if_match, method = request.get("url"), request.get("ifMatch"), request.get("method")
    known = not set(request) - {"method", "url", "ifMatch"} and method in ("PUT", "DELETE")
    if not known or not isinstance(url, str) or not (if_match is None or isinstance(if_match, str)):
        raise Malformed("invalid_resource", {"where": f"{where}.request"})
    if not (resource is None if method == "DELETE" else isinstance(resource, dict)):
        raise Malformed("invalid_resource", {"where": where})
    return Put(url, resource, if_match)


def _found(base: str, resource: Resource, mode: Literal["match", "include"]) -> Resource:
    return {
        "fullUrl": f"{base}/{resource['resourceType']}/{resource['id']}",
        "resource": resource,
        "search": {"mode": mode},
    }
