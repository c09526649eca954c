"""Looking at what a fetch brought before any of it is believed: the right study, the right patient, all of it.

A PACS that answers with something else has mixed up two people; nothing of such an answer is kept.
"""

from pathlib import Path

from beeldpas.domain.errors import Malformed, Unavailable
from beeldpas.formats.dicom import instance_of, read_header
from beeldpas.gateway.pacs.port import failed
from beeldpas.gateway.pacs.queue import Wanted


def check(folder: Path, wanted: Wanted, local_issuer: str) -> int:
    """Look at every file of a folder; return how many instances there are.

    A file that cannot be read counts as an instance, and is left to the ingest, which reports and skips it.
    Raises: Unavailable("pacs") as "foreign_study" or "foreign_patient" (for good), "no_instances" or "incomplete".
    """
    sop_uids = set()
    for file in sorted(folder.iterdir()):
        sop_uids.add(_checked(file, wanted, local_issuer) or file.name)
    if not sop_uids:
        raise failed("no_instances")
    if wanted.announced is not None and len(sop_uids) < wanted.announced:
        raise failed("incomplete")
    return len(sop_uids)


def _checked(file: Path, wanted: Wanted, local_issuer: str) -> str:
    try:
        with file.open("rb") as content:
            found = instance_of(read_header(content, file.stat().st_size))
    except Malformed:
        return ""
    if found.study_uid != wanted.uid:
        raise _foreign("foreign_study")
    if (found.identity.issuer or local_issuer, found.identity.patient_id) != wanted.number:
        raise _foreign("foreign_patient")
    return found.sop_uid


def _foreign(reason: str) -> Unavailable:
    return failed(reason, retryable=False)
