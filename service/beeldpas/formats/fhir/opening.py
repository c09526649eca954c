"""Opening Bundles that nobody vouches for: flat or nested, one page or many, with what each reference leads to.

*Source:* FHIR R4 Bundle, §2.36.4 (resolving references), §3.1.1.4 (search result), OperationOutcome.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from beeldpas.domain.errors import Malformed
from beeldpas.formats.fhir import values
from beeldpas.formats.fhir.text import Resource

_DEPTH = 3
_TROUBLE = frozenset({"fatal", "error", "warning"})


@dataclass(frozen=True, slots=True)
class Opened:
    """The resources of an answer; `broken` counts entries that are none, `warnings` what the server says is wrong."""

    resources: tuple[Resource, ...]
    index: Mapping[str, Resource]
    broken: int
    warnings: int

    def of_kind(self, kind: str) -> Iterator[Resource]:
        """All resources of one type."""
        return (one for one in self.resources if one["resourceType"] == kind)

    def target(self, owner: Resource, reference: object) -> Resource:
        """Return what a Reference leads to, within its owner or within the answer; empty when nowhere."""
        path = values.text(reference.get("reference")) if isinstance(reference, dict) else ""
        if path.startswith("#"):
            inner = values.objects(owner.get("contained"))
            return next((one for one in inner if f"#{one.get('id')}" == path), {})
        return self.index.get(path, {}) if path else {}


def open_bundles(bundles: Iterable[Resource]) -> Opened:
    """Open the pages of one answer. Raises: Malformed("no_searchset") when one of them is no Bundle at all."""
    resources, index, broken, warnings = [], dict[str, Resource](), 0, 0
    for bundle in bundles:
        if bundle.get("resourceType") != "Bundle":
            raise Malformed("no_searchset")
        for full_url, resource in _entries(bundle, _DEPTH):
            kind = resource.get("resourceType")
            if not isinstance(kind, str):
                broken += 1
            elif kind == "OperationOutcome":
                warnings += _troubles(resource)
            else:
                resources.append(resource)
                index.setdefault(full_url, resource)
                index.setdefault(f"{kind}/{resource.get('id', '')}", resource)
    return Opened(tuple(resources), index, broken, warnings)


def next_link(bundle: Resource) -> str:
    """The address of the next page, as the server gives it; "" when this is the last."""
    links = values.objects(bundle.get("link"))
    return next((str(link.get("url", "")) for link in links if link.get("relation") == "next"), "")


def _entries(bundle: Resource, depth: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """All resources with their full URLs; a Bundle within a Bundle (one per hospital) is opened."""
    for item in values.items(bundle.get("entry")):
        entry = item if isinstance(item, dict) else {}
        resource = entry.get("resource")
        if not isinstance(resource, dict):
            yield "", {}
        elif resource.get("resourceType") == "Bundle" and depth:
            yield from _entries(resource, depth - 1)
        else:
            yield str(entry.get("fullUrl", "")), resource


def _troubles(outcome: Resource) -> int:
    return sum(issue.get("severity") in _TROUBLE for issue in values.objects(outcome.get("issue")))
