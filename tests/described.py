"""Asks a running program whatever its OpenAPI document lets somebody ask, and whatever it does not.

schemathesis makes the requests; half of the path parameters are replaced by ids that exist, so that doors open. What
counts: no status of 500 and more but 503 where it is declared, no status and no kind of content that is not declared.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any
from unittest import SkipTest

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument, Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, status_code_conformance

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance]
Change = Callable[[Any], None]
Headers = Mapping[str, str] | Callable[[], Mapping[str, str]]
_NONE: Mapping[str, Any] = {}
QUIET = [
    HealthCheck.too_slow,
    HealthCheck.filter_too_much,
    HealthCheck.data_too_large,
    HealthCheck.large_base_example,
]


@schemathesis.serializer("application/jose")
def _as_text(context: Any, value: Any) -> Any:
    return {"data": str(value).encode(errors="replace")}


def labels(document: Mapping[str, Any], *, without: Sequence[str] = ()) -> list[str]:
    """Every operation of a document by its name ("POST /s")."""
    named = [f"{method.upper()} {path}" for path, item in document["paths"].items() for method in item]
    return [label for label in named if label not in without]


def ask(
    document: dict[str, Any],
    base_url: str,
    label: str,
    *,
    examples: int,
    headers: Headers = _NONE,
    known: Mapping[str, Sequence[str]] = _NONE,
    change: Change | None = None,
    negative: bool = False,
) -> list[str]:
    """Ask one operation in so many ways, with `negative` also in ways that it does not allow; say what was wrong."""
    operation = _operations(document)[label]
    wrong: list[str] = []

    def check(case: Any, seed: int) -> None:
        _open_doors(case, known, Random(seed))
        if change is not None:
            change(case)
        told = headers() if callable(headers) else headers
        response = case.call(base_url, headers=dict(told), allow_redirects=False, timeout=20)
        try:
            case.validate_response(response, checks=CHECKS)
        except BaseExceptionGroup as group:
            wrong.extend(f"{label}: {response.status_code} {type(one).__name__}" for one in group.exceptions)
        except AssertionError as error:
            wrong.append(f"{label}: {response.status_code} {type(error).__name__}")

    for mode in (GenerationMode.POSITIVE, *([GenerationMode.NEGATIVE] if negative else [])):
        cases = operation.as_strategy(generation_mode=mode)
        limits = settings(
            max_examples=examples, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
            suppress_health_check=QUIET,
        )  # fmt: skip
        run = limits(given(case=cases, seed=st.integers(0, 2**32))(check))
        try:
            run()
        except (Unsatisfiable, InvalidArgument, SkipTest):  # nothing to say in that mode
            continue
    return wrong


_READ: dict[int, dict[str, Any]] = {}


def _operations(document: dict[str, Any]) -> dict[str, Any]:
    if id(document) not in _READ:
        schema = schemathesis.openapi.from_dict(document)
        found = [result.ok() for result in schema.get_all_operations()]
        _READ[id(document)] = {f"{one.method.upper()} {one.path}": one for one in found}
    return _READ[id(document)]


def _open_doors(case: Any, known: Mapping[str, Sequence[str]], random: Random) -> None:
    parameters = dict(case.path_parameters or {})
    for name in parameters:
        if name in known and random.random() < 0.5:
            parameters[name] = random.choice(known[name])
    case.path_parameters = parameters
