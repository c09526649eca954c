"""Which kinds of PACS there are: one line each. What is not used is not loaded, since its library takes memory."""

from pathlib import Path

from beeldpas.gateway.pacs.dicomweb import DicomwebPacs
from beeldpas.gateway.pacs.port import Pacs
from beeldpas.gateway.pacs.settings import DicomwebPacsSettings, DimsePacsSettings


def open_pacs(settings: DicomwebPacsSettings | DimsePacsSettings, ca_file: Path | None) -> Pacs:
    """Open the PACS that the settings name; nothing is asked yet."""
    if isinstance(settings, DicomwebPacsSettings):
        return DicomwebPacs(settings, ca_file)
    from beeldpas.gateway.pacs.dimse import DimsePacs

    return DimsePacs(settings)
