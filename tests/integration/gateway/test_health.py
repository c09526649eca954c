"""What machines ask of a gateway."""

from collections.abc import Iterator

import pytest
from tests.hospital import Served, open_hospital, wait_until

from beeldpas.formats.jose import load_keys
from beeldpas.keys import public_file


@pytest.fixture(scope="module")
def noord(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with open_hospital(tmp_path_factory.mktemp("noord")) as served:
        yield served


def test_it_lives_and_is_ready(noord):
    assert noord.client.get("/health/live").status_code == 200
    ready = noord.client.get("/health/ready")
    assert (ready.status_code, set(ready.json()["parts"].values())) == (200, {True})


def test_it_is_not_ready_without_its_images(noord):
    files = noord.portal.folder / "files"
    away = files.rename(files.with_name("away"))
    ready = noord.client.get("/health/ready")
    away.rename(files)
    assert (ready.status_code, ready.json()["parts"]["objects"]) == (503, False)


def test_it_publishes_the_public_halves_of_its_keys_only(noord):
    (key,) = noord.client.get("/jwks.json").json()["keys"]
    assert "d" not in key
    assert key["x"] == load_keys(public_file(noord.house.settings.key_file)).keys[0].as_dict()["x"]


def test_figures_are_for_this_machine_alone(noord):
    here = noord.client.get("/metrics")
    assert "beeldpas_gateway_instances_held 11.0" in here.text
    for field in ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"):
        assert noord.client.get("/metrics", headers={field: "203.0.113.9"}).status_code == 404


def test_an_unknown_path_says_nothing(noord):
    answer = noord.client.get("/admin")
    assert (answer.status_code, answer.json()["type"]) == (404, "urn:beeldpas:problem:not_found")
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert "server" not in answer.headers


def test_it_is_not_ready_when_nobody_says_what_was_revoked(noord):
    noord.portal.down = True
    noord.clock.pass_by(seconds=31)
    assert noord.client.get("/health/ready").json()["parts"]["status_lists"] is False
    noord.portal.down = False
    noord.clock.pass_by(seconds=-31)
    wait_until(lambda: noord.client.get("/health/ready").status_code == 200)
