"""A PACS that speaks DIMSE: C-FIND to list, C-GET to fetch over the same connection, as it is stored.

C-GET needs no open port here. Each storage class is offered once for each transfer syntax, so that the PACS sends a
file as it keeps it instead of converting it; a study of too many classes for one association is fetched series by
series. *Source:* DICOM PS3.4 §C.4.1, §C.4.3; PS3.7 §D.3.3.4 (roles).
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from pydicom.dataset import Dataset
from pydicom.uid import (
    HEVCM10P51,
    HEVCMP51,
    HTJ2K,
    JPEG2000,
    MPEG2MPHL,
    MPEG2MPML,
    MPEG4HP41,
    MPEG4HP41BD,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    HTJ2KLossless,
    HTJ2KLosslessRPCL,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    JPEGLSNearLossless,
    RLELossless,
)
from pynetdicom import AE, build_context, build_role, evt
from pynetdicom.association import Association
from pynetdicom.presentation import PresentationContext

from beeldpas.domain.uid import is_uid
from beeldpas.gateway.pacs.listed import SERIES_KEYS, STUDY_KEYS, matching, series_of, studies_of
from beeldpas.gateway.pacs.port import RemoteSeries, RemoteStudy, StudyQuery, Tally, failed
from beeldpas.gateway.pacs.settings import DimsePacsSettings

# Study Root Query/Retrieve Information Model – FIND, and – GET.
_FIND: Final = "1.2.840.10008.5.1.4.1.2.2.1"
_GET: Final = "1.2.840.10008.5.1.4.1.2.2.3"
_MOST_CONTEXTS: Final = 128
_MOST_ANSWERS: Final = 100_000
_PDU_BYTES: Final = 256 * 1024
_PENDING: Final = (0xFF00, 0xFF01)
_STORED, _NO_RESOURCES = 0x0000, 0xA700
_SYNTAXES: Final = (
    ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian,
    JPEGBaseline8Bit, JPEGExtended12Bit, JPEGLossless, JPEGLosslessSV1, JPEGLSLossless, JPEGLSNearLossless,
    JPEG2000Lossless, JPEG2000, RLELossless, HTJ2KLossless, HTJ2KLosslessRPCL, HTJ2K,
    MPEG2MPML, MPEG2MPHL, MPEG4HP41, MPEG4HP41BD, HEVCMP51, HEVCM10P51,
)  # fmt: skip


class DimsePacs:
    """One PACS by its address and titles; every call is one association."""

    def __init__(self, settings: DimsePacsSettings) -> None:
        self._settings = settings

    def studies(self, query: StudyQuery) -> list[RemoteStudy]:
        """List studies by C-FIND."""
        return studies_of(self._find("STUDY", matching(query), STUDY_KEYS))

    def series(self, study_uid: str) -> list[RemoteSeries]:
        """List the series of a study by C-FIND."""
        return series_of(self._find("SERIES", {"StudyInstanceUID": study_uid}, SERIES_KEYS))

    def fetch(self, study_uid: str, folder: Path, tally: Tally) -> None:
        """Fetch a study by C-GET; each instance is written when it is whole."""
        if not is_uid(study_uid):
            raise ValueError("no UID")
        study = {"StudyInstanceUID": study_uid}
        classes = _named(self._find("STUDY", study, ("SOPClassesInStudy",)), "SOPClassesInStudy")
        if classes and _fit(classes):
            self._get("STUDY", study, classes, folder, tally)
            return
        for series in self.series(study_uid):
            part = {**study, "SeriesInstanceUID": series.uid}
            classes = _named(self._find("IMAGE", part, ("SOPInstanceUID", "SOPClassUID")), "SOPClassUID")
            self._get("SERIES", part, classes, folder, tally)
        if not tally.files:
            raise failed("no_instances")

    def _get(self, level: str, wanted: dict[str, str], classes: Sequence[str], folder: Path, tally: Tally) -> None:
        """Fetch a study or one of its series."""
        if not classes:
            return
        roles = [build_role(uid, scp_role=True) for uid in classes]
        store = (evt.EVT_C_STORE, _store, [folder, tally])
        request = _request(level, wanted)
        with self._association([build_context(_GET), *_offers(classes)], roles, [store]) as association:
            _check_end(_last_status(association, request, tally), tally)

    def close(self) -> None:
        """Nothing stays open between calls."""

    def _find(self, level: str, wanted: dict[str, str], keys: Sequence[str]) -> list[Dataset]:
        query = _request(level, {**dict.fromkeys(keys, ""), **wanted})
        found: list[Dataset] = []
        with self._association([build_context(_FIND)], [], []) as association:
            for status, answer in association.send_c_find(query, _FIND):
                code = status.get("Status")
                if code not in (*_PENDING, 0x0000):
                    raise failed("transfer_cut" if code is None else "pacs_refused")
                if answer is not None:
                    found.append(answer)
                if len(found) > _MOST_ANSWERS:
                    raise failed("pacs_unreadable")
        return found

    @contextmanager
    def _association(
        self, contexts: list[PresentationContext], roles: Sequence[object], handlers: Sequence[object]
    ) -> Iterator[Association]:
        """Open an association; it is released at the end, or aborted when something went wrong."""
        found = self._settings
        entity = AE(ae_title=found.calling_aet)
        entity.requested_contexts = contexts
        entity.acse_timeout = entity.connection_timeout = entity.dimse_timeout = found.timeout_seconds
        entity.network_timeout = found.timeout_seconds
        association = entity.associate(
            found.host,
            found.port,
            ae_title=found.called_aet,
            max_pdu=_PDU_BYTES,
            ext_neg=roles,  # type: ignore[arg-type]
            evt_handlers=handlers,  # type: ignore[arg-type]
        )
        if not association.is_established:
            raise failed("pacs_refused" if association.is_rejected else "pacs_unreachable")
        try:
            yield association
            association.release()
        finally:
            if association.is_established:
                association.abort()


def _request(level: str, keys: Mapping[str, str]) -> Dataset:
    request = Dataset()
    request.QueryRetrieveLevel = level
    for keyword, value in keys.items():
        setattr(request, keyword, value)
    return request


def _fit(classes: Sequence[str]) -> bool:
    return len(classes) * len(_SYNTAXES) < _MOST_CONTEXTS


def _offers(classes: Sequence[str]) -> list[PresentationContext]:
    """Offer each class once for each syntax; a crowd of classes once with all syntaxes, as far as there is room."""
    if _fit(classes):
        return [build_context(uid, syntax) for uid in classes for syntax in _SYNTAXES]
    return [build_context(uid, list(_SYNTAXES)) for uid in classes[: _MOST_CONTEXTS - 1]]


def _store(event: evt.Event, folder: Path, tally: Tally) -> int:
    """Keep one instance as it came; a fetch that was halted, or a full disk, is told to the PACS as such."""
    content = event.encoded_dataset()
    tally.bytes += len(content)
    if tally.halted:
        return _NO_RESOURCES
    try:
        (folder / f"{tally.files:07}.dcm").write_bytes(content)
    except OSError:
        tally.halt("disk_full")
        return _NO_RESOURCES
    tally.files += 1
    return _STORED


def _last_status(association: Association, wanted: Dataset, tally: Tally) -> Dataset:
    status = Dataset()
    for status, _ in association.send_c_get(wanted, _GET):  # noqa: B007  (the last one says how it ended)
        tally.take(0)
    tally.take(0)
    return status


def _check_end(status: Dataset, tally: Tally) -> None:
    code = status.get("Status")
    if code is None:
        raise failed("transfer_cut")
    if code == 0x0000 and not status.get("NumberOfFailedSuboperations", 0):
        return
    raise failed("transfer_cut" if tally.files else "pacs_refused")


def _named(answers: Sequence[Dataset], keyword: str) -> list[str]:
    """Return the UIDs that stand under a keyword, each once."""
    values = (answer.get(keyword) for answer in answers)
    lists = ([value] if isinstance(value, str) else value or [] for value in values)
    return sorted({str(uid) for some in lists for uid in some if uid})
