"""A PACS that misbehaves as it is told to: a real HTTP server that answers WADO wrongly, and a real DIMSE one."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from pydicom.dataset import Dataset, FileDataset
from pynetdicom import AE, StoragePresentationContexts, evt
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from tests.running import running

_FIND, _GET = "1.2.840.10008.5.1.4.1.2.2.1", "1.2.840.10008.5.1.4.1.2.2.3"
_KEYS = ("StudyInstanceUID", "StudyDate", "PatientID", "IssuerOfPatientID", "PatientName", "PatientBirthDate")


@dataclass
class BadPacs:
    """What it has of one study, and what it does with it: `faults` are used up one by one, then it behaves."""

    images: list[FileDataset]
    announced: int | None = None
    instead: list[FileDataset] | None = None
    faults: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    base_url: str = ""
    is_gone: bool = False

    def listed(self) -> Dataset:
        """The study as a search finds it."""
        found = Dataset()
        for keyword in _KEYS:
            setattr(found, keyword, self.images[0].get(keyword, ""))
        found.NumberOfStudyRelatedInstances = self.announced or len(self.images)
        return found

    def series(self) -> list[Dataset]:
        """Its one series."""
        found = Dataset()
        found.SeriesInstanceUID, found.Modality, found.SeriesNumber = self.images[0].SeriesInstanceUID, "CT", 1
        found.NumberOfSeriesRelatedInstances = self.announced or len(self.images)
        return [found]

    def app(self) -> Starlette:
        """As DICOMweb."""
        return Starlette(
            routes=[
                Route("/studies", self._studies),
                Route("/studies/{study}/series", self._series),
                Route("/studies/{study}", self._study),
            ]
        )

    async def _studies(self, request: Request) -> Response:
        self.asked.append("studies")
        first = int(request.query_params.get("offset", "0")) == 0
        return JSONResponse([self.listed().to_json_dict()] if first and not self.is_gone else [])

    async def _series(self, request: Request) -> Response:
        self.asked.append("series")
        return JSONResponse([one.to_json_dict() for one in self.series()])

    async def _study(self, request: Request) -> Response:
        self.asked.append("fetch")
        fault = self.faults.pop(0) if self.faults else ""
        if fault in ("204", "404", "500"):
            return Response(status_code=int(fault))
        if fault == "html":
            return Response("<html>log in</html>", media_type="text/html")
        images = [] if fault == "nothing" else self.images[:1] if fault == "fewer" else self.instead or self.images
        body = multipart(images)
        length = {"content-length": str(len(body))}
        kind = 'multipart/related; type="application/dicom"; boundary=here'
        if fault == "no_end":
            return Response(body[: -len(b"--here--")], media_type=kind)
        return StreamingResponse(_until(body, len(body) // 2 if fault == "cut" else None), 200, length, kind)


def multipart(images: list[FileDataset]) -> bytes:
    """An answer of several parts."""
    parts = b"".join(b"--here\r\nContent-Type: application/dicom\r\n\r\n" + as_file(one) + b"\r\n" for one in images)
    return parts + b"--here--"


def as_file(image: FileDataset) -> bytes:
    """The bytes of a Part 10 file."""
    file = io.BytesIO()
    image.save_as(file)
    return file.getvalue()


async def _until(body: bytes, end: int | None) -> AsyncIterator[bytes]:
    yield body[:end]
    if end is not None:
        raise ConnectionAbortedError("the PACS went down")


@contextmanager
def on_the_web(pacs: BadPacs) -> Iterator[BadPacs]:
    """Serve it as DICOMweb for a block."""
    with running(pacs.app()) as port:
        pacs.base_url = f"http://127.0.0.1:{port}"
        yield pacs


@contextmanager
def on_dimse(pacs: BadPacs) -> Iterator[int]:
    """Serve it as DIMSE for a block; gives the port. A fault "cut" aborts after the first instance."""
    entity = AE("BADPACS")
    for context in StoragePresentationContexts:
        entity.add_supported_context(str(context.abstract_syntax), scu_role=True, scp_role=True)
    entity.add_supported_context(_FIND)
    entity.add_supported_context(_GET)
    handlers: list[Any] = [(evt.EVT_C_FIND, _find(pacs)), (evt.EVT_C_GET, _get(pacs))]
    server = entity.start_server(("127.0.0.1", 0), block=False, evt_handlers=handlers)
    try:
        yield server.socket.getsockname()[1]
    finally:
        server.shutdown()


def _find(pacs: BadPacs) -> Callable[[evt.Event], Iterator[tuple[int, Dataset | None]]]:
    def answer(event: evt.Event) -> Iterator[tuple[int, Dataset | None]]:
        found = pacs.listed()
        found.SOPClassesInStudy = [str(one.SOPClassUID) for one in pacs.images[:1]]
        yield 0xFF00, found

    return answer


def _get(pacs: BadPacs) -> Callable[[evt.Event], Iterator[Any]]:
    def answer(event: evt.Event) -> Iterator[Any]:
        fault = pacs.faults.pop(0) if pacs.faults else ""
        images = [] if fault == "nothing" else pacs.instead or pacs.images
        yield len(images)
        for number, image in enumerate(images):
            if fault == "cut" and number == 1:
                event.assoc.abort()
                return
            yield 0xFF00, image

    return answer
