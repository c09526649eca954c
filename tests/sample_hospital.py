"""A hospital that has every sample file of pydicom, as they are: readable and odd ones, of all modalities."""

import asyncio
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from pydicom.data import get_testdata_file
from tests.cast import ANNA
from tests.hospital import Served, ingest, serving, settings
from tests.hospital_portal import portal

from beeldpas.database.engine import open_engine, transaction
from beeldpas.demo.processes import free_ports
from beeldpas.domain.bsn import BSN
from beeldpas.domain.errors import Malformed
from beeldpas.gateway import quarantine
from beeldpas.gateway.crosswalk import Patient
from beeldpas.gateway.ingest import Ingested
from beeldpas.gateway.settings import GatewaySettings

SAMPLES = Path(str(get_testdata_file("CT_small.dcm", download=False))).parent


@contextmanager
def sample_hospital(folder: Path) -> Iterator[tuple[Served, Ingested, list[str]]]:
    """Index and serve copies of the samples; also give what the ingest said, and the studies that may be shared."""
    shutil.copytree(SAMPLES, folder / "files", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    with portal(folder) as trusted:
        found = settings(folder, trusted, free_ports(1)[0])
        done = ingest(found)
        studies = asyncio.run(_map_everybody(found))
        with serving(found, trusted) as served:
            yield served, done, studies


async def _map_everybody(found: GatewaySettings) -> list[str]:
    """Give every patient number, the empty one too, to somebody; return the studies that are served then."""
    engine = open_engine(found.database_url)
    numbers = _bsns()
    try:
        async with transaction(engine) as connection:
            withheld = await quarantine.listing(connection)
            people = [
                Patient(issuer, number, next(numbers), None, "", "", "", False)
                for issuer, number in sorted({(one.issuer, one.local_number) for one in withheld})
            ]
            await quarantine.keep_patients(connection, people)
            await quarantine.match(connection)
            left = {one.study_uid for one in await quarantine.listing(connection)}
            return sorted({one.study_uid for one in withheld} - left)
    finally:
        await engine.dispose()


def _bsns() -> Iterator[BSN]:
    for number in count(int(ANNA.bsn.reveal()) - 90_000):
        try:
            yield BSN.parse(str(number))
        except Malformed:
            continue
