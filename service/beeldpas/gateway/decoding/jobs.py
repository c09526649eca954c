"""The jobs by name; each takes the bytes of one file or frame and gives bytes."""

from collections.abc import Callable

from beeldpas.gateway.decoding.render import plate, render
from beeldpas.gateway.decoding.transcode import bulk, decode, transcode


def _plate(_content: bytes, *, media_type: str) -> bytes:
    return plate(media_type)


JOBS: dict[str, Callable[..., bytes]] = {
    "transcode": transcode,
    "decode": decode,
    "render": render,
    "bulk": bulk,
    "plate": _plate,
}
