"""The container files: linted, valid by the Compose specification, confined, and in step with the programs' settings.

No engine is needed here; what these tests cannot show is that an image builds and starts.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
import trustme
import yaml
from tests.house.tree import ROOT
from tests.naming_process import answering, settings_for

from beeldpas.formats.hospitals import read_hospitals
from beeldpas.gateway.settings import GatewaySettings
from beeldpas.keys import public_file, write_new_keys
from beeldpas.portal.settings import PortalSettings
from beeldpas.pseudonyms.settings import PseudonymsSettings
from beeldpas.registry.settings import RegistrySettings

DOCKER = ROOT / "docker"
COMPOSE = yaml.safe_load((DOCKER / "compose.yaml").read_text())
SERVICES = COMPOSE["services"]
DOCKERFILE = (DOCKER / "Dockerfile").read_text()
SETTINGS = {"portal": PortalSettings, "registry": RegistrySettings, "gateway": GatewaySettings}


def test_hadolint_has_nothing_to_say():
    hadolint = Path(sys.executable).with_name("hadolint")
    done = subprocess.run([hadolint, DOCKER / "Dockerfile"], capture_output=True, text=True, check=False)
    assert done.stdout + done.stderr == ""
    assert done.returncode == 0


def test_the_compose_file_is_valid():
    schema = json.loads((ROOT / "frontend/node_modules/dclint/schemas/compose.schema.json").read_text())
    faults = jsonschema.Draft7Validator(schema).iter_errors(COMPOSE)
    assert [f"{list(fault.absolute_path)}: {fault.message}" for fault in faults] == []


def test_everything_that_the_compose_file_names_is_there():
    named = {secret["source"] if isinstance(secret, dict) else secret for secret in _all("secrets")}
    assert named == COMPOSE["secrets"].keys()
    assert {name for service in SERVICES.values() for name in service.get("networks", [])} == COMPOSE[
        "networks"
    ].keys()
    assert {name for service in SERVICES.values() for name in service.get("depends_on", [])} <= SERVICES.keys()
    targets = set(re.findall(r"(?m)^FROM \S+ AS (\S+)", DOCKERFILE))
    assert {service["build"]["target"] for service in SERVICES.values() if "build" in service} <= targets
    mounted = [volume.split(":")[0] for volume in _all("volumes")]
    assert [path for path in mounted if ".state" not in path and not (DOCKER / path).is_file()] == []


def test_every_image_has_a_version():
    images = [service["image"] for service in SERVICES.values()]
    assert [image for image in images if not re.search(r":[\w.-]+$", image) or image.endswith(":latest")] == []


@pytest.mark.parametrize("name", SERVICES)
def test_a_container_has_no_more_rights_than_it_needs(name: str):
    service = SERVICES[name]
    assert service["user"].startswith("${BEELDPAS_UID:?")
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in service
    assert service.get("read_only") or name == "pacs"  # Orthanc's image writes its configuration at start


def test_people_reach_the_proxy_and_nothing_else():
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert published == {"proxy": ["127.0.0.1:8443:8443"]}


def test_no_secret_stands_in_the_compose_file():
    told = " ".join(str(service.get("environment", "")) for service in SERVICES.values())
    assert re.findall(r"(?i)(?:password|secret|key)(?!_FILE)['\"]?\s*[:=]", told) == []
    assert all(
        set(secret) == {"file"} and secret["file"].startswith("./.state/") for secret in COMPOSE["secrets"].values()
    )


def test_a_program_runs_as_nobody_in_particular_and_says_whether_it_works():
    program = DOCKERFILE.partition(" AS program")[2]
    assert "HEALTHCHECK" in program
    for stage in re.split(r"(?m)^FROM ", program)[1:]:
        assert "USER 10001:10001" in stage
        assert stage.index("USER") > max(stage.rfind("RUN"), stage.rfind("COPY"))


@pytest.mark.parametrize("program", SETTINGS)
def test_the_settings_of_a_container_are_what_the_program_takes(program: str):
    settings = SETTINGS[program].load(DOCKER / "config" / f"{program}.toml")
    given = {secret if isinstance(secret, str) else secret["source"] for secret in SERVICES[program]["secrets"]}
    text = (DOCKER / "config" / f"{program}.toml").read_text()
    assert set(re.findall(r"/run/secrets/(\w+)", text)) == given
    assert settings.database_url.endswith(f"@database/{program}?passfile=/run/secrets/{program}_pgpass")
    # The gateway is reached through its socket alone; its port is for its own health check.
    host = "127.0.0.1" if program == "gateway" else "0.0.0.0"  # noqa: S104
    assert (settings.host, settings.port, settings.is_tls) == (host, 8000, True)


def test_who_holds_the_keys_of_names_has_no_network_and_the_others_have_its_socket_alone():
    names = PseudonymsSettings.load(DOCKER / "config" / "pseudonyms.toml")
    service = SERVICES["pseudonyms"]
    assert service["network_mode"] == "none" and "networks" not in service and "secrets" not in service
    assert service["environment"]["HEALTH_SOCKET"] == str(names.socket)
    callers = {caller.name: caller for caller in names.callers}
    assert callers.keys() == {"portal", "registry", "gateway"}
    for name, caller in callers.items():
        settings = SETTINGS[name].load(DOCKER / "config" / f"{name}.toml")
        assert (settings.pseudonyms.socket, settings.base_url) == (names.socket, caller.issuer)
        assert f"./.state/names:{names.socket.parent}" in SERVICES[name]["volumes"]
        assert not [volume for volume in SERVICES[name]["volumes"] if "/pseudonyms:" in volume]


def test_a_container_says_over_its_socket_whether_it_works(tmp_path: Path):
    asking = [sys.executable, DOCKER / "healthcheck.py"]
    environment = {"HEALTH_SOCKET": str(tmp_path / "names.sock")}
    assert subprocess.run(asking, env=environment, capture_output=True, check=False).returncode == 1
    with answering(settings_for(tmp_path, {"portal": ("https://portal.example", _public_keys(tmp_path))})):
        assert subprocess.run(asking, env=environment, capture_output=True, check=False).returncode == 0


def _public_keys(folder: Path) -> Path:
    write_new_keys(folder / "portal.json", "portal-1")
    return public_file(folder / "portal.json")


def test_the_three_programs_agree_on_who_is_who():
    portal, registry, gateway = (kind.load(DOCKER / "config" / f"{name}.toml") for name, kind in SETTINGS.items())
    (hospital,) = read_hospitals(DOCKER / "config" / "hospitals.toml")
    assert (hospital.gateway_id, hospital.base_url) == (gateway.gateway_id, gateway.base_url)
    assert (
        [asker.issuer for asker in registry.askers] == [portal.base_url] == [issuer.iss for issuer in gateway.issuers]
    )
    assert [known.base_url for known in portal.registries] == [registry.base_url] == [gateway.registry.base_url]
    aliases = SERVICES["proxy"]["networks"]["default"]["aliases"]
    places = [portal, registry, gateway]
    assert {place.base_url.split("//")[1].split(":")[0] for place in places} <= set(aliases)


def test_nginx_and_the_gateway_share_a_socket():
    gateway = GatewaySettings.load(DOCKER / "config" / "gateway.toml")
    assert f"upstream gateway  {{ server unix:{gateway.socket}; }}" in (DOCKER / "nginx" / "nginx.conf").read_text()
    folder = f"./.state/sockets:{gateway.socket.parent}"
    assert folder in SERVICES["proxy"]["volumes"] and folder in SERVICES["gateway"]["volumes"]


def test_nginx_understands_its_configuration(tmp_path: Path):
    authority = trustme.CA()
    for host in SERVICES["proxy"]["networks"]["default"]["aliases"]:
        leaf = authority.issue_cert(host)
        leaf.private_key_pem.write_to_path(str(tmp_path / f"{host.partition('.')[0]}.key"))
        leaf.cert_chain_pems[0].write_to_path(str(tmp_path / f"{host.partition('.')[0]}.pem"))
    for file in (DOCKER / "nginx").iterdir():
        (tmp_path / file.name).write_text(_moved_to(tmp_path, file.read_text()))
    command = ["/usr/sbin/nginx", "-t", "-q", "-e", tmp_path / "start.log", "-c", tmp_path / "nginx.conf"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def _moved_to(folder: Path, text: str) -> str:
    """The same configuration with its files in a folder and nothing but loopback: containers have no names here."""
    text = re.sub(r"(?<=[\s])(/run/secrets|/etc/nginx|/tmp|/dev)/(?=[\w.-]+[; ])", f"{folder}/", text)
    text = re.sub(r"server \w+:8000;", "server 127.0.0.1:8000;", text)
    return re.sub(r"listen (\d+)", r"listen 127.0.0.1:\1", text)


def _all(field: str) -> list:
    return [entry for service in SERVICES.values() for entry in service.get(field, [])]
