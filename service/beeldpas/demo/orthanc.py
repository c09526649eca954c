"""A real PACS: Debian's Orthanc with its DICOMweb plugin, for the demo, the tests and the bench.

Orthanc binds every interface, so it runs in a network namespace of its own; loopback ports here lead to it.
"""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import httpx2

from beeldpas.demo.namespace import NoNamespace, enclosed, way_in
from beeldpas.demo.processes import Child, Processes

_PROGRAM: Final = "/usr/sbin/Orthanc"
_PLUGINS: Final = "/usr/share/orthanc/plugins/libOrthancDicomWeb.so"
HTTP_PORT: Final = 8042
_DIMSE: Final = 4242
_UPLOAD_SECONDS: Final = 60.0


class NoPacs(RuntimeError):
    """No PACS can be run here; the message says what to do."""


def require_possible() -> None:
    """Raises: NoPacs, with the command that helps, when Orthanc is not installed or may not be enclosed."""
    if not all(Path(file).exists() for file in (_PROGRAM, _PLUGINS)):
        raise NoPacs("Orthanc is not installed. Install it with:\n    sudo apt-get install orthanc orthanc-dicomweb")
    try:
        way_in()
    except NoNamespace as error:
        raise NoPacs(str(error)) from error


class Orthanc:
    """One PACS on two loopback ports, with its files below `folder`."""

    def __init__(self, folder: Path, http_port: int, dimse_port: int, aet: str = "ORTHANC") -> None:
        self.folder = folder
        self.http_port = http_port
        self.aet = aet
        self.dimse = ("127.0.0.1", dimse_port, aet)

    @property
    def base_url(self) -> str:
        """Where its own REST interface is."""
        return f"http://127.0.0.1:{self.http_port}"

    @property
    def dicomweb_url(self) -> str:
        """Where its DICOMweb services are."""
        return f"{self.base_url}/dicom-web"

    def start(self, processes: Processes, name: str = "pacs", extra: Mapping[str, Any] | None = None) -> Child:
        """Start it; `extra` overrides settings of Orthanc. Raises: NoNamespace with what to do about it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        settings = self.folder / "orthanc.json"
        settings.write_text(json.dumps({**self._settings(), **(extra or {})}, indent=1))
        ports = {self.http_port: HTTP_PORT, self.dimse[1]: _DIMSE}
        return processes.start(name, enclosed([_PROGRAM, str(settings)], ports), self.http_port)

    def upload(self, files: Iterable[Path]) -> int:
        """Give it files, one after another; return how many. Raises: httpx2.HTTPError when it refuses one."""
        count = 0
        with httpx2.Client(base_url=self.base_url, timeout=_UPLOAD_SECONDS, trust_env=False) as client:
            for count, file in enumerate(files, 1):  # noqa: B007 (the last count is the answer)
                client.post("/instances", content=file.read_bytes()).raise_for_status()
        return count

    def _settings(self) -> dict[str, Any]:
        return {
            "Name": "PACS",
            "StorageDirectory": str(self.folder / "storage"),
            "IndexDirectory": str(self.folder / "storage"),
            "Plugins": [_PLUGINS],
            "HttpPort": HTTP_PORT,
            "RemoteAccessAllowed": True,
            "AuthenticationEnabled": False,
            "DicomPort": _DIMSE,
            "DicomAet": self.aet,
            "DicomAlwaysAllowFind": True,
            "DicomAlwaysAllowGet": True,
            "DicomWeb": {"Enable": True, "Root": "/dicom-web/", "StudiesMetadata": "Full", "SeriesMetadata": "Full"},
        }
