"""The OpenAPI documents hold every address of the programs, and docs/openapi.toml speaks of no other."""

import re

import pytest
from tests.house.openapi import PROGRAMS, document, unknown
from tests.house.routes import addresses


@pytest.mark.parametrize("program", PROGRAMS)
def test_every_address_is_described_and_no_other(program: str) -> None:
    described = {path for path, item in document(program)["paths"].items() for _ in item}
    known = {re.sub(r":\w+}", "}", path) for _, path in addresses(program) if "…" not in path}
    assert described == known
    assert unknown(program) == set()
