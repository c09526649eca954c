"""Comparing what the registry has of this hospital with what the hospital has, and putting it right.

The registry lists its entries with a digest of each, but cannot say whose they are; so everything is published once
more, which leaves alone what is right, and the list is read again: an entry of which the version rose though its
digest was right stood under somebody else. What is listed and was not published is taken out: that needs no number.
*Source:* docs/wire.md §2 (reading back).
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from sqlalchemy.ext.asyncio import AsyncEngine

from beeldpas.domain.errors import Malformed
from beeldpas.formats.fhir import bundles, systems, text
from beeldpas.formats.fhir.publication import PublishedStudy, PublishingHospital, report_resource, study_resource
from beeldpas.formats.fhir.text import Resource
from beeldpas.formats.fhir.values import objects
from beeldpas.formats.jose import load_keys
from beeldpas.gateway.publish import BATCH, Progress, own_hospital, publish
from beeldpas.gateway.registry_client import RegistryClient
from beeldpas.gateway.settings import GatewaySettings
from beeldpas.web.outbound import open_client

KINDS = ("ImagingStudy", "DiagnosticReport")
_GONE = "entered-in-error"
_DEADLINE_SECONDS = 30.0
_Key = tuple[str, str]  # kind, and the identifier as `system|value`


@dataclass(frozen=True, slots=True)
class Listed:
    """One entry as the registry lists it; `digest` is hex."""

    version: int
    status: str
    digest: str


@dataclass(frozen=True, slots=True)
class Verified:
    """Of entries, studies and reports together: how many were right, and what was put right.

    `left_over` were in the registry only; `refused` are studies that the registry does not take, with its reason.
    """

    right: int
    missing: int = 0
    different: int = 0
    of_another: int = 0
    left_over: int = 0
    refused: tuple[tuple[str, str], ...] = ()

    @property
    def words(self) -> str:
        """Say it on one line."""
        return (
            f"{self.right} entries right; repaired: {self.missing} missing, {self.different} different, "
            f"{self.of_another} under another person, {self.left_over} that this hospital has not"
        )


async def verify(
    settings: GatewaySettings,
    engine: AsyncEngine,
    clock: Callable[[], datetime],
    progress: Progress = lambda _done: None,
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> Verified:
    """Compare and repair; `progress` hears how many studies were looked at. The lists are held in memory.

    Raises: as `publish`.
    """
    if settings.registry is None:
        raise Malformed("no_registry")
    address, hospital = settings.registry.base_url, own_hospital(settings)
    async with open_client(hosts=[address], ca_file=settings.ca_file, deadline=_DEADLINE_SECONDS) as client:
        registry = RegistryClient(address, settings.base_url, load_keys(settings.key_file), client, clock, pause)
        await registry.send(bundles.transaction(hospital, []))
        before = await _listed(registry)
        taken = _Taken(hospital)
        done = await publish(settings, engine, clock, progress, pause, again=True, heard=taken.hear)
        after = await _listed(registry)
        refused = {uid for uid, _ in done.refused}
        left_over = [key for key in after if key not in taken.digests and not _is_of(key, refused)]
        for begin in range(0, len(left_over), BATCH):
            await registry.send(_taking_out(left_over[begin : begin + BATCH]))
    return _compared(before, after, taken.digests, len(left_over), done.refused)


@dataclass(slots=True)
class _Taken:
    """What the registry took in this run: the digest of each entry that stays."""

    hospital: PublishingHospital
    digests: dict[_Key, str] = field(default_factory=dict)

    def hear(self, studies: Sequence[PublishedStudy]) -> None:
        for study in studies:
            resources = [study_resource(study, self.hospital)]
            resources += [report_resource(one, study, self.hospital) for one in study.reports]
            for resource in resources:
                if resource["status"] == _GONE:
                    self.digests.pop(_key(resource), None)
                else:
                    self.digests[_key(resource)] = _digest(resource)


async def _listed(registry: RegistryClient) -> dict[_Key, Listed]:
    """Everything that the registry has of this hospital and has not withdrawn."""
    found = {}
    for kind in KINDS:
        async for page in registry.pages(kind):
            for entry in objects(page.get("entry")):
                resource = entry["resource"]
                one = Listed(int(resource["meta"]["versionId"]), resource["status"], _tagged(resource))
                if one.status != _GONE:
                    found[_key(resource)] = one
    return found


def _compared(
    before: Mapping[_Key, Listed],
    after: Mapping[_Key, Listed],
    wanted: Mapping[_Key, str],
    left_over: int,
    refused: tuple[tuple[str, str], ...],
) -> Verified:
    missing = sum(key not in before for key in wanted)
    different = sum(key in before and before[key].digest != digest for key, digest in wanted.items())
    moved = sum(
        key in before and before[key].digest == digest and key in after and after[key].version > before[key].version
        for key, digest in wanted.items()
    )
    right = len(wanted) - missing - different - moved
    return Verified(right, missing, different, moved, left_over, refused)


def _is_of(key: _Key, study_uids: set[str]) -> bool:
    """Say whether an entry is a study that could not be published now: that is no reason to take it out."""
    return key[1].removeprefix(f"{systems.DICOM_UID}|{systems.OID_PREFIX}") in study_uids


def _taking_out(keys: Sequence[_Key]) -> Resource:
    entries = []
    for kind, name in keys:
        system, _, value = name.partition("|")
        url = bundles.conditional_url(kind, {"system": system, "value": value})
        entries.append({"request": {"method": "DELETE", "url": url}})
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}


def _key(resource: Resource) -> _Key:
    identifier = resource["identifier"][0]
    return resource["resourceType"], f"{identifier['system']}|{identifier['value']}"


def _tagged(resource: Resource) -> str:
    codes = [one.get("code") for one in objects(resource["meta"].get("tag")) if one.get("system") == systems.DIGEST]
    return str(codes[0]) if codes else ""


def _digest(resource: Resource) -> str:
    """As the registry makes it: of the resource without whose it is, in the one way that we write JSON."""
    said = {name: value for name, value in resource.items() if name not in ("subject", "id")}
    return sha256(text.render(said).encode()).hexdigest()
