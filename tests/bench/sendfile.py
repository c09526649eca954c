"""The yardstick: Debian's nginx, sending one file from the page cache with sendfile, on loopback."""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from socket import create_connection

from beeldpas.demo.processes import free_ports

_READY_SECONDS = 5.0
_CONFIGURATION = """
daemon off;
{user}
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 64; }}
http {{
    access_log off;
    sendfile on;
    tcp_nopush on;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{ listen 127.0.0.1:{port}{tls}; root {root}; }}
}}
"""


@contextmanager
def nginx(root: Path, folder: Path, tls: tuple[Path, Path] | None = None) -> Iterator[str]:
    """Serve the files of `root`, over TLS 1.3 with a certificate and its key; gives the base URL."""
    folder.mkdir(parents=True, exist_ok=True)
    (port,) = free_ports(1)
    user = "user root;" if os.geteuid() == 0 else ""  # otherwise its workers may not read what we wrote
    encrypted = f" ssl; ssl_protocols TLSv1.3; ssl_certificate {tls[0]}; ssl_certificate_key {tls[1]}" if tls else ""
    text = _CONFIGURATION.format(folder=folder, port=port, root=root, user=user, tls=encrypted)
    (folder / "nginx.conf").write_text(text)
    command = ["/usr/sbin/nginx", "-e", str(folder / "error.log"), "-c", str(folder / "nginx.conf")]
    server = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    try:
        _wait(server, port)
        yield f"{'https' if tls else 'http'}://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait()


def _wait(server: "subprocess.Popen[bytes]", port: int) -> None:
    end = time.monotonic() + _READY_SECONDS
    while time.monotonic() < end and server.poll() is None:
        with suppress(OSError), create_connection(("127.0.0.1", port), timeout=0.2):
            return
        time.sleep(0.02)
    raise RuntimeError("nginx did not start; see error.log beside its configuration")
