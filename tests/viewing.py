"""What a viewer does at a hospital: asks for a path with a token, and takes answers apart."""

from __future__ import annotations

import httpx2
from tests.hospital import Served
from tests.hospital_images import HEAD_CT

from beeldpas.formats.multipart import take_apart

VIEWER = "http://viewer.localhost:8000"
STORED = 'multipart/related; type="application/octet-stream"; transfer-syntax=*'


def get(noord: Served, path: str, granted: tuple[str, ...] = (HEAD_CT,), **headers: str) -> httpx2.Response:
    """Ask for something below /dicom-web."""
    return noord.client.get(f"/dicom-web/{path}", headers={**noord.token(list(granted)), **headers})


def parts(answer: httpx2.Response) -> list[tuple[dict[str, str], bytes]]:
    """Take an answer of several parts apart."""
    assert answer.status_code == 200, answer.text
    return take_apart(answer.content, answer.headers["content-type"].partition("boundary=")[2])


def place(study: str, series: int, number: int) -> str:
    """The path of an instance of the story."""
    return f"studies/{study}/series/{study}.{series}/instances/{study}.{series}.{number}"
