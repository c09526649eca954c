"""A real PACS for the demo and the tests: reachable here, and bound to nothing but its own loopback."""

import socket
from pathlib import Path

import httpx2
import pytest

from beeldpas.demo import namespace
from beeldpas.demo.orthanc import Orthanc
from beeldpas.demo.processes import Processes, free_ports


def test_orthanc_answers_on_the_loopback_ports_and_on_no_other_of_this_machine(tmp_path: Path) -> None:
    orthanc = Orthanc(tmp_path / "pacs", *free_ports(2))
    with Processes(tmp_path / "logs") as processes:
        processes.wait_ready(orthanc.start(processes))
        system = httpx2.get(f"{orthanc.base_url}/system", trust_env=False).json()
        with socket.create_connection(orthanc.dimse[:2], timeout=5):
            pass
        listening = {line.split()[1] for line in Path("/proc/net/tcp").read_text().splitlines() if " 0A " in line}
    assert system["DicomAet"] == "ORTHANC"
    # Its own ports, 8042 (1F6A) and 4242 (1092), are nowhere to be seen from outside its namespace.
    assert not {address for address in listening if address.endswith((":1F6A", ":1092"))}


def test_nothing_answers_once_it_was_stopped(tmp_path: Path) -> None:
    orthanc = Orthanc(tmp_path / "pacs", *free_ports(2))
    with Processes(tmp_path / "logs") as processes:
        processes.wait_ready(orthanc.start(processes))
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(orthanc.dimse[:2], timeout=5)


def test_an_account_that_may_not_make_a_namespace_is_told_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusing = tmp_path / "unshare"
    refusing.write_text("#!/bin/sh\nexit 1\n")
    refusing.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(namespace.NoNamespace, match="sudo sysctl"):
        namespace.enclosed(["true"], {})
