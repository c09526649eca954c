"""A real PACS for a block of a test: Orthanc with the files of a story, behind loopback ports."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2

from beeldpas.demo.orthanc import Orthanc
from beeldpas.demo.processes import Processes, free_ports


@contextmanager
def orthanc_with(folder: Path, files: list[Path]) -> Iterator[Orthanc]:
    """Orthanc holding these files; its own files below `folder`."""
    pacs = Orthanc(folder / "pacs", *free_ports(2))
    with Processes(folder / "pacs-logs") as processes:
        processes.wait_ready(pacs.start(processes))
        pacs.upload(files)
        yield pacs


def forget(pacs: Orthanc, study_uid: str) -> None:
    """Take a study out of the PACS, as its administrator would."""
    with httpx2.Client(base_url=pacs.base_url, trust_env=False) as client:
        found = client.post("/tools/lookup", content=study_uid).json()
        client.delete(f"/studies/{found[0]['ID']}").raise_for_status()


def dicomweb(pacs: Orthanc, **more: Any) -> dict[str, Any]:
    """The settings of a gateway before it, by DICOMweb."""
    return {"kind": "dicomweb", "base_url": pacs.dicomweb_url, "timeout_seconds": 10, **more}


def dimse(pacs: Orthanc, **more: Any) -> dict[str, Any]:
    """The settings of a gateway before it, by DIMSE."""
    host, port, aet = pacs.dimse
    return {"kind": "dimse", "host": host, "port": port, "called_aet": aet, "timeout_seconds": 10, **more}
