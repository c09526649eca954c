"""A real PACS for the demo and the tests: reachable here, and bound to nothing but its own loopback."""

import io
import socket
from pathlib import Path

import httpx2
import pytest
from rich.console import Console

from beeldpas.demo import namespace
from beeldpas.demo.check.findings import Findings
from beeldpas.demo.orthanc import NoPacs, Orthanc, require_possible
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
    with pytest.raises(NoPacs, match="sudo sysctl"):
        require_possible()


def test_the_check_counts_what_it_could_not_look_at_as_neither_held_nor_failed() -> None:
    console = Console(record=True, file=io.StringIO())
    findings = Findings(console)
    findings.not_run("a study of a PACS is fetched", "sudo sysctl …")
    assert (findings.all, findings.failed, findings.left_out) == ([], [], ["a study of a PACS is fetched"])
    assert "not run  a study of a PACS is fetched" in console.export_text()
