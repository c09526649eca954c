"""OpenAPI documents of the three programs, made from what they answer and what the documentation says of it.

Addresses come from the programs' own routes, sentences from docs/routes.md, the rest from docs/openapi.toml. No
program serves its document: it is for who builds against a program, and for tests. `python -m tests.house.openapi
FOLDER` writes all three. *Source:* OpenAPI 3.1.0.
"""

import json
import re
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.house.routes import addresses
from tests.house.tree import ROOT

PROGRAMS = ("portal", "registry", "gateway")
TABLE: dict[str, Any] = tomllib.loads((ROOT / "docs" / "openapi.toml").read_text())
ROUTES = (ROOT / "docs" / "routes.md").read_text()
_HEALTH = ("/health/", "/metrics")
_MACHINES = ("gateways", "portals", "anybody")


def document(program: str) -> dict[str, Any]:
    """Describe a program."""
    told = dict(_sentences(program))
    paths: dict[str, dict[str, Any]] = {}
    for methods, address in sorted(addresses(program)):
        if "…" in address:
            continue
        whom, what = told.get((methods, address), ("anybody", ""))
        rule = {**_kind(program, methods, address, whom), **TABLE[program].get(f"{methods} {address}", {})}
        for method in methods.split(", "):
            entry = _operation(method, address, rule, f"For {whom}: {what}")
            paths.setdefault(re.sub(r":\w+}", "}", address), {})[method.lower()] = entry
    return {
        "openapi": "3.1.0",
        "info": {"title": f"beeldpas {program}", "version": "1", "license": {"name": "EUPL-1.2"}},
        "paths": paths,
    }


def unknown(program: str) -> set[str]:
    """Return entries of docs/openapi.toml for addresses that the program does not have."""
    return set(TABLE[program]) - {f"{methods} {address}" for methods, address in addresses(program)}


def _sentences(program: str) -> Iterator[tuple[tuple[str, str], tuple[str, str]]]:
    section = ROUTES.partition(f"## {program}\n")[2].partition("\n## ")[0]
    for methods, address, whom, what in re.findall(
        r"(?m)^\| ([A-Z, ]+) \| `([^`]+)` \| ([^|]+) \| ([^|]+) \|", section
    ):
        yield (methods, address), (whom, what)


def _kind(program: str, methods: str, address: str, whom: str) -> Mapping[str, Any]:
    kinds: Mapping[str, Any] = TABLE["kinds"]
    if address.startswith(_HEALTH):
        return kinds["health"]  # type: ignore[no-any-return]
    if address.startswith("/dicom-web/"):
        return kinds["dicomweb"]  # type: ignore[no-any-return]
    if program != "portal" or whom == "gateways" or (address.endswith((".json", "-server")) and whom == "anybody"):
        return kinds["machine"]  # type: ignore[no-any-return]
    return kinds["page-post" if "POST" in methods else "page-get"]  # type: ignore[no-any-return]


def _operation(method: str, address: str, rule: Mapping[str, Any], summary: str) -> dict[str, Any]:
    names = re.findall(r"{(\w+)(?::\w+)?}", address)
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}} for name in names
    ]
    parameters += [{"name": name, "in": "query", "schema": {"type": "string"}} for name in rule.get("query", ())]
    found: dict[str, Any] = {
        "summary": summary,
        "parameters": parameters,
        "responses": _answers(rule),
        "x-for": summary[4:].partition(":")[0],
    }
    body = _body(rule)
    if body and method not in {"GET", "HEAD"}:
        found["requestBody"] = {"required": True, "content": body}
    return found


def _answers(rule: Mapping[str, Any]) -> dict[str, Any]:
    content = {media: {} for media in rule.get("media", ("text/html",))}
    return {
        str(status): {"description": _MEANINGS[status], **({"content": content} if 200 <= status < 203 else {})}
        for status in rule["answers"]
    }


def _body(rule: Mapping[str, Any]) -> dict[str, Any]:
    if "form" in rule:
        fields = {name.removesuffix("[]"): _field(name) for name in rule["form"]}
        return {"application/x-www-form-urlencoded": {"schema": {"type": "object", "properties": fields}}}
    if "json" in rule:
        fields = {name: {"type": kind} for name, kind in rule["json"].items()}
        return {"application/json": {"schema": {"type": "object", "properties": fields}}}
    return {rule["body"]: {"schema": {"type": "string"}}} if "body" in rule else {}


def _field(name: str) -> dict[str, Any]:
    return {"type": "array", "items": {"type": "string"}} if name.endswith("[]") else {"type": "string"}


_MEANINGS = {
    200: "Here it is", 201: "Made", 202: "Begun", 204: "Nothing", 206: "A part", 303: "Look there",
    304: "You have it", 400: "Cannot be read", 401: "Who are you?", 403: "You may not", 404: "Not here for you",
    405: "Not with this method", 406: "Not in that form", 409: "The state moved on", 410: "Gone",
    412: "Another version", 413: "Too large", 416: "No such part", 422: "Not acceptable",
    429: "Too often; see Retry-After", 503: "Not now; see Retry-After",
}  # fmt: skip


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name in PROGRAMS:
        (folder / f"{name}.json").write_text(json.dumps(document(name), indent=2) + "\n")
