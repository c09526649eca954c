"""The documentation is true where a machine can tell: settings, addresses, commands and files that it names."""

import re
import typing
from collections.abc import Iterator
from importlib import import_module

import pytest
from pydantic import BaseModel
from tests.house.routes import Address, addresses
from tests.house.tree import ROOT, files, name_of, texts

from beeldpas import cli
from beeldpas.gateway.settings import GatewaySettings
from beeldpas.portal.settings import PortalSettings
from beeldpas.pseudonyms.settings import PseudonymsSettings
from beeldpas.receiver.commands import app as receiver
from beeldpas.registry.settings import RegistrySettings

SETTINGS = {
    "the portal": PortalSettings,
    "the registry": RegistrySettings,
    "the pseudonyms": PseudonymsSettings,
    "a gateway": GatewaySettings,
}
OPERATIONS = (ROOT / "docs" / "operations.md").read_text()
ROUTES = (ROOT / "docs" / "routes.md").read_text()
PAGES = [(name, text) for name, text in texts() if name.endswith(".md") and not name.startswith("service/")]


@pytest.mark.parametrize("program", SETTINGS)
def test_every_setting_is_explained_and_no_other(program: str):
    section = OPERATIONS.partition(f"### Settings of {program}\n")[2].partition("\n### ")[0].partition("\n## ")[0]
    assert set(re.findall(r"(?m)^\| `([\w.\[\]]+)` \|", section)) == set(_fields(SETTINGS[program]))


@pytest.mark.parametrize("program", ["portal", "registry", "pseudonyms", "gateway"])
def test_every_address_is_listed_and_no_other(program: str):
    section = ROUTES.partition(f"## {program}\n")[2].partition("\n## ")[0]
    listed: set[Address] = set(re.findall(r"(?m)^\| ([A-Z, ]+) \| `([^`]+)` \|", section))
    assert listed == addresses(program)


def test_every_word_for_make_is_in_the_makefile():
    makefile = (ROOT / "Makefile").read_text()
    words = set(re.findall(r"(?m)^([a-z-]+):", makefile))
    told = {(name, word) for name, text in PAGES for word in re.findall(r"`make ([a-z-]+)", text)}
    told |= {(name, word) for name, text in PAGES for word in re.findall(r"(?m)^(?: {4}|\$ ?)?make ([a-z-]+)", text)}
    assert {(name, word) for name, word in told if word not in words} == set()


def test_every_command_exists():
    told = {
        tuple(found.split()) for _, text in PAGES for found in re.findall(r"`beeldpas ([a-z]+(?: [a-z]+)?)", text)
    }
    assert {words for words in told if not set(words[1:]) <= _subcommands(words[0])} == set()


def test_every_file_that_is_named_exists():
    known = {name_of(file) for file in files()}
    known |= {folder for name in known for folder in _folders(name)}
    rooms = {name.removeprefix("service/beeldpas/") for name in known if name.startswith("service/beeldpas/")}
    named = {(page, path.rstrip("/")) for page, text in PAGES for path in re.findall(r"`([\w.-]+/[\w./-]*)`", text)}
    first = {name.partition("/")[0] for name in known | rooms}
    ours = {(page, path) for page, path in named if path.partition("/")[0] in first and "/" in path}
    built = ("build/", "docker/.state")
    assert {(page, path) for page, path in ours if path not in known | rooms and not path.startswith(built)} == set()


def test_links_between_pages_lead_somewhere():
    links = {(page, link) for page, text in PAGES for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text)}
    assert {(page, link) for page, link in links if not (ROOT / page).parent.joinpath(link).exists()} == set()


def _fields(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    for name, field in model.model_fields.items():
        inner = list(_models(field.annotation))
        if not inner:
            yield prefix + name
        listed = "[]" if typing.get_origin(field.annotation) is tuple else ""
        for one in inner:
            yield from _fields(one, f"{prefix}{name}{listed}.")


def _models(annotation: object) -> Iterator[type[BaseModel]]:
    """The models within an annotation: itself, the members of a union, the items of a tuple."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in typing.get_args(annotation):
        yield from _models(part)


def _subcommands(program: str) -> set[str]:
    if program in {known.name for known in receiver.registered_commands}:
        return set()  # a word of its own
    if program == "keys":
        app = cli.keys
    else:
        rooms = {"audit": "audit_commands", "policies": "policy.commands"}
        app = import_module(f"beeldpas.{rooms.get(program, f'{program}.commands')}").app
    groups = {str(known.name) for known in app.registered_groups}
    return groups | {known.name or known.callback.__name__ for known in app.registered_commands}


def _folders(name: str) -> Iterator[str]:
    while "/" in name:
        name = name.rpartition("/")[0]
        yield name
