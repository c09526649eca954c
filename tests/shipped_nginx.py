"""nginx before a gateway, run with the project's own files: what docker/nginx says of logs, buffers and sockets."""

import os
import re
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.house.tree import ROOT

from beeldpas.demo.processes import free_ports

NGINX = ROOT / "docker" / "nginx"
_READY_SECONDS = 10


@contextmanager
def shipped_nginx(
    folder: Path, gateway: str, tls: tuple[Path, Path] | None = None, port: int | None = None
) -> Iterator[str]:
    """Give the address of nginx before `gateway` (`unix:/path`, or host:port); it logs into `folder`."""
    folder.mkdir(parents=True)
    port = port or free_ports(1)[0]
    _write_configuration(folder, gateway, port, tls)
    command = ["/usr/sbin/nginx", "-e", folder / "start.log", "-p", folder, "-c", folder / "nginx.conf"]
    server = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    try:
        _wait_for(port)
        yield f"{'https' if tls else 'http'}://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait()


def _write_configuration(folder: Path, gateway: str, port: int, tls: tuple[Path, Path] | None) -> None:
    whole, part = (NGINX / "nginx.conf").read_text(), (NGINX / "gateway.conf").read_text()
    shared = [*re.findall(r"(?m)^    (?:ssl|keepalive)_\w+ .*;", whole)]
    logging, sockets = re.search(r"(?s)map \$uri.*?log_format[^;]*;", whole), re.search(r"sndbuf=\w+", whole)
    assert logging and sockets
    (folder / "gateway.conf").write_text(re.sub(r"/dev/(\w+)", rf"{folder}/\1", part))
    certificate = f"ssl_certificate {tls[0]}; ssl_certificate_key {tls[1]};" if tls else ""
    places = " ".join(f"{kind}_temp_path {folder}/{kind};" for kind in ("proxy", "fastcgi", "uwsgi", "scgi"))
    (folder / "nginx.conf").write_text(
        f"daemon off; {'user root;' if os.geteuid() == 0 else ''} worker_processes auto;\n"
        f"pid {folder}/pid; error_log {folder}/error.log;\nevents {{ worker_connections 1024; }}\n"
        f"http {{\n{' '.join(shared)}\nclient_body_temp_path {folder}/body; {places}\n{logging[0]}\n"
        f"upstream gateway {{ server {gateway}; }}\n"
        f"server {{ listen 127.0.0.1:{port} {'ssl' if tls else ''} {sockets[0]}; {certificate}\n"
        f"include {folder}/gateway.conf; }}\n}}\n"
    )


def _wait_for(port: int) -> None:
    end = time.monotonic() + _READY_SECONDS
    while time.monotonic() < end:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=0.2):
            return
        time.sleep(0.02)
    raise RuntimeError("nginx did not start; see error.log beside its configuration")
