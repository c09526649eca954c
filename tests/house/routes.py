"""Every address at which a program answers, read from its routes; nothing is started for it."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from types import SimpleNamespace

from starlette.routing import BaseRoute, Mount, Route

from beeldpas.gateway import app as gateway
from beeldpas.portal import app as portal
from beeldpas.pseudonyms import app as pseudonyms
from beeldpas.registry import app as registry

Address = tuple[str, str]


def addresses(program: str) -> set[Address]:
    """Return (methods, path) of every route of a program; HEAD comes with GET and is not named."""
    return set(_flat(_ROUTES[program]()))


def _flat(routes: Iterable[BaseRoute], prefix: str = "") -> Iterator[Address]:
    for route in routes:
        if isinstance(route, Mount) and route.routes:
            yield from _flat(route.routes, prefix + route.path)
        elif isinstance(route, Mount):
            yield "GET", f"{prefix}{route.path}/…"
        elif isinstance(route, Route):
            yield ", ".join(sorted((route.methods or set()) - {"HEAD"})), prefix + route.path.replace(":str}", "}")


def _portal() -> list[BaseRoute]:
    return portal._routes(SimpleNamespace(assets=SimpleNamespace(dist=Path(__file__).parent)))  # type: ignore[arg-type]


def _gateway() -> list[BaseRoute]:
    return [*gateway._routes(SimpleNamespace(viewer_origin=None))]  # type: ignore[arg-type]


def _registry() -> list[BaseRoute]:
    return registry.build_app(
        SimpleNamespace(settings=SimpleNamespace(is_tls=True, trusted_proxies=(), mhd=True))
    ).routes  # type: ignore[arg-type]


def _pseudonyms() -> list[BaseRoute]:
    return pseudonyms.build_app(SimpleNamespace()).routes  # type: ignore[arg-type]


_ROUTES = {"portal": _portal, "registry": _registry, "pseudonyms": _pseudonyms, "gateway": _gateway}
