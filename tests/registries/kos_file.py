"""Manifests as DICOM files, also of stories about UIDs that are none: what is written is not checked here."""

from typing import Any

from pydicom import config

from beeldpas.demo.registries.entries import Entry
from beeldpas.demo.registries.kos import BSN_OID, FINAL, TEMPORARY, XDS_I
from beeldpas.demo.registries.kos import kos_file as checked_kos_file

__all__ = ["BSN_OID", "FINAL", "TEMPORARY", "XDS_I", "kos_file"]


def kos_file(
    entry: Entry, sop_uid: str, retrieve_url: str, codes: dict[str, tuple[str, str]] = FINAL, **changes: Any
) -> bytes:
    """Write the manifest of an entry as it is asked for, sound or not."""
    before = config.settings.writing_validation_mode
    config.settings.writing_validation_mode = config.IGNORE
    try:
        return checked_kos_file(entry, sop_uid, retrieve_url, codes, **changes)
    finally:
        config.settings.writing_validation_mode = before
