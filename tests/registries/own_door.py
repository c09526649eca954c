"""Our own registry's door for documents, as a registry like the others: published into by real messages, over HTTP.

What a story lays down in `entries` and `alone` is published before each search, and what is not laid down any more is
taken out; then our reader asks the real program. What its own rules keep from it cannot be told of it: see CANNOT.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
from starlette.requests import Request
from starlette.responses import Response
from tests.cast import Organisation
from tests.index_town import ADDRESSES, PORTAL, Town, a_study, registry_town, with_instances
from tests.registries.stub import Alone, Sent, Stub

from beeldpas.domain.bsn import BSN
from beeldpas.formats.fhir.bundles import conditional_url, transaction
from beeldpas.formats.fhir.publication import report_resource
from beeldpas.portal.registries.mhd import MhdRegistry
from beeldpas.portal.registries.port import RegistryAnswer
from beeldpas.portal.registries.question import Question, Signer

# Stories whose cause cannot exist at this door, and why; every other story is told of it too.
CANNOT = {
    "test_an_amended_report_stands_before_the_one_that_it_replaces": "a report names no earlier one",
    "test_studies_of_another_person_are_left_out_and_counted": "an entry stands under one person's name",
    "test_what_cannot_be_read_is_counted_and_the_rest_is_kept": "a study without a proper UID is refused (422)",
    "test_a_missing_modality_is_unknown": "a series without a modality is refused (422)",
    "test_an_address_that_is_not_the_directorys_is_never_used": "an endpoint elsewhere is refused (403)",
    "test_a_registry_that_is_down_is_unavailable_by_name": "nobody is there: as of `mhd`",
    "test_a_study_under_the_name_of_another_custodian_is_told_of_only": "another's URA is refused (403)",
    "test_a_registry_that_is_late_or_answers_rubbish_is_unavailable_by_name": "403 and 503: own tests",
}


@dataclass(slots=True)
class OwnDoor(Stub):
    """The registry of `town`; `held` is what stands in it: hospital and address of every entry."""

    town: Town | None = None
    held: set[tuple[str, str]] = field(default_factory=set)

    @property
    def base_url(self) -> str:
        """The door's own base, which is its audience."""
        return f"{self.running.base_url}/mhd"

    @property
    def running(self) -> Town:
        """The registry."""
        assert self.town is not None
        return self.town

    @property
    def accession_issuer(self) -> str:
        """Who gave out an order's number: the hospital itself, since publishing says no other."""
        return f"2.16.528.1.1007.3.3.{int(self.entries[0].at.ura)}"

    def hospital(self, place: Organisation) -> str:
        """The address of a hospital's gateway, as the registry's directory has it."""
        return ADDRESSES[place.gateway_id]

    async def answer(self, request: Request, body: bytes) -> Response:
        """Nobody asks this: the registry itself answers."""
        raise NotImplementedError

    async def settle(self) -> None:
        """Bring the registry to what the story laid down."""
        wanted = set[tuple[str, str]]()
        for entry in self.entries:
            place = entry.at.gateway_id
            await self._send(place, transaction(self.running.hospital(place), [with_instances(entry.study)]))
            wanted.add((place, _address("ImagingStudy", entry.study.study_uid)))
            wanted |= {(place, _address("DiagnosticReport", one.sop_uid)) for one in entry.study.reports}
        for alone in self.alone:
            place = alone.at.gateway_id
            await self._send(place, self._report(alone, place))
            wanted.add((place, _address("DiagnosticReport", alone.report.sop_uid)))
        for place, address in self.held - wanted:
            taken_out = {"request": {"method": "DELETE", "url": address}}
            await self._send(place, {"resourceType": "Bundle", "type": "transaction", "entry": [taken_out]})
        self.held = wanted
        self.running.asked.clear()

    async def note(self) -> None:
        """Keep what the door was asked."""
        for one in self.running.asked:
            self.sent.append(Sent(str(one.url), dict(one.headers), await one.body()))

    def reset(self) -> None:
        """Forget what the story before laid down; it is taken out with the next search."""
        Stub.reset(self)
        self.running.pseudonyms.down = False

    def _report(self, alone: Alone, place: str) -> dict[str, Any]:
        hospital = self.running.hospital(place)
        about = a_study(alone.bsn, study_uid=alone.study_uid)
        bundle = transaction(hospital, [])
        resource = report_resource(alone.report, about, hospital)
        url = _address("DiagnosticReport", alone.report.sop_uid)
        bundle["entry"].append({"resource": resource, "request": {"method": "PUT", "url": url}})
        return bundle

    async def _send(self, place: str, bundle: object) -> None:
        answer = await self.running.send(place, bundle)
        assert answer.status_code == 200, answer.text


@dataclass(frozen=True, slots=True)
class Settled:
    """Our reader of such indexes, which asks once the registry has what the story laid down."""

    reader: MhdRegistry
    door: OwnDoor

    @property
    def name(self) -> str:
        """What the registry is called."""
        return self.reader.name

    async def search(self, bsn: BSN, question: Question) -> RegistryAnswer:
        """Publish, then ask. Raises: Unavailable."""
        await self.door.settle()
        try:
            return await self.reader.search(bsn, question)
        finally:
            await self.door.note()


def own_door(door: Stub, client: httpx2.AsyncClient, _signer: Signer) -> Settled:
    """Open it with the keys that the registry knows."""
    assert isinstance(door, OwnDoor)
    signer = Signer(PORTAL, door.running.keys["portal"], door.running.clock)
    return Settled(MhdRegistry("register", door.base_url, client, signer, door.directory), door)


@contextmanager
def running_door(folder: Path) -> Iterator[OwnDoor]:
    """Run the registry for one block."""
    with registry_town(f"sqlite+aiosqlite:///{folder}/registry.db", folder, mhd=True) as town:
        yield OwnDoor(town=town)


def _address(kind: str, uid: str) -> str:
    return conditional_url(kind, {"system": "urn:dicom:uid", "value": f"urn:oid:{uid}"})
