"""A PACS that speaks DICOMweb: QIDO-RS to list, WADO-RS to fetch a study in one answer, as it is stored.

*Source:* DICOM PS3.18 §10.4 (retrieve), §10.6 (search), §8.7.3.5.2 (transfer-syntax=*).
"""

import json
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import httpx2
from pydicom.dataset import Dataset

from beeldpas.domain.uid import is_uid
from beeldpas.formats.dicom import UNREADABLE, lenient
from beeldpas.gateway.pacs.listed import SERIES_KEYS, STUDY_KEYS, matching, series_of, studies_of
from beeldpas.gateway.pacs.parts import boundary_of, write_parts
from beeldpas.gateway.pacs.port import RemoteSeries, RemoteStudy, StudyQuery, Tally, failed
from beeldpas.gateway.pacs.settings import DicomwebPacsSettings

_AT_ONCE: Final = 200
_MOST_PAGES: Final = 500
_LARGEST_ANSWER: Final = 32_000_000
_DICOM: Final = 'multipart/related; type="application/dicom"; transfer-syntax=*'


class DicomwebPacs:
    """One PACS by its DICOMweb address; every connection is counted by whoever calls."""

    def __init__(self, settings: DicomwebPacsSettings, ca_file: Path | None) -> None:
        password = settings.password_file.read_text().strip() if settings.password_file else ""
        self._client = httpx2.Client(
            base_url=settings.base_url.rstrip("/"),
            auth=(settings.username, password) if settings.username else None,
            timeout=settings.timeout_seconds,
            headers={"Accept-Encoding": "identity"},
            verify=ssl.create_default_context(cafile=str(ca_file) if ca_file else None),
            follow_redirects=False,
            trust_env=False,
        )

    def studies(self, query: StudyQuery) -> list[RemoteStudy]:
        """List studies, page by page; a PACS that knows no pages gives the same one again, and that ends it."""
        found: dict[str, RemoteStudy] = {}
        for page in range(_MOST_PAGES):
            wanted = {**matching(query), "limit": str(_AT_ONCE), "offset": str(page * _AT_ONCE)}
            answers = studies_of(self._search("/studies", wanted, STUDY_KEYS))
            fresh = {study.uid: study for study in answers if study.uid not in found}
            found |= fresh
            if not fresh or len(answers) < _AT_ONCE:
                break
        return list(found.values())

    def series(self, study_uid: str) -> list[RemoteSeries]:
        """List the series of a study."""
        return series_of(self._search(f"/studies/{_checked(study_uid)}/series", {}, SERIES_KEYS))

    def fetch(self, study_uid: str, folder: Path, tally: Tally) -> None:
        """Retrieve a study and write its parts as they arrive."""
        path = f"/studies/{_checked(study_uid)}"
        with self._errors(), self._client.stream("GET", path, headers={"Accept": _DICOM}) as answer:
            if answer.status_code in (204, 404):
                raise failed("no_instances")
            if answer.status_code != 200:
                raise failed("pacs_refused")
            boundary = boundary_of(answer.headers.get("content-type", ""))
            write_parts(answer.iter_raw(), boundary, folder, tally)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _search(self, path: str, wanted: dict[str, str], keys: tuple[str, ...]) -> list[Dataset]:
        parameters = {**wanted, "includefield": keys}
        headers = {"Accept": "application/dicom+json"}
        with self._errors(), self._client.stream("GET", path, params=parameters, headers=headers) as answer:
            if answer.status_code == 204:
                return []
            if answer.status_code != 200:
                raise failed("pacs_refused")
            content = _bounded(answer)
        try:
            with lenient():
                return [Dataset.from_json(item) for item in _items(content)]
        except UNREADABLE as error:
            raise failed("pacs_unreadable") from error

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
            raise failed("pacs_unreachable") from error
        except httpx2.HTTPError as error:
            raise failed("transfer_cut") from error


def _bounded(answer: httpx2.Response) -> bytes:
    content = bytearray()
    for chunk in answer.iter_raw():
        content += chunk
        if len(content) > _LARGEST_ANSWER:
            raise failed("pacs_unreadable")
    return bytes(content)


def _items(content: bytes) -> list[Any]:
    items = json.loads(content) if content else []
    if not isinstance(items, list):
        raise ValueError("an answer to a search is a list")
    return items


def _checked(study_uid: str) -> str:
    """Return a UID that may stand in a path."""
    if not is_uid(study_uid):
        raise ValueError("no UID")
    return study_uid
