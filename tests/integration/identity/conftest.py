"""A provider that a test can make lie, on a port of its own, and somebody who signs in there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.lying_provider import CLIENT_ID, Liar, Visit, application
from tests.running import running

from beeldpas.keys import write_new_keys
from beeldpas.portal.settings import IssuerSettings


@pytest.fixture(scope="session")
def lying_provider() -> Iterator[tuple[Liar, str]]:
    """The running provider and its address."""
    liar = Liar()
    with running(application(liar)) as port:
        yield liar, f"http://digid.localhost:{port}"


@pytest.fixture(scope="session")
def key_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The portal's client key."""
    file = tmp_path_factory.mktemp("client") / "client.jwks.json"
    write_new_keys(file, "client-1", rsa=True)
    return file


@pytest.fixture
def visit(lying_provider: tuple[Liar, str], key_file: Path) -> Visit:
    """A sign-in at this provider, honest until the test makes it lie."""
    liar, issuer = lying_provider
    liar.__init__(issuer=issuer)  # type: ignore[misc]
    return Visit.at(liar, IssuerSettings(issuer=issuer, client_id=CLIENT_ID, key_file=key_file))
