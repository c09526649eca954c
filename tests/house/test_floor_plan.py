"""The floor plan, where import-linter cannot see: what each program's extra must bring, and what it must not."""

import ast
import json
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from tests.house.tree import ROOT, Module, modules

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
SUPPLIERS = packages_distributions()
PROGRAMS = ("portal", "registry", "pseudonyms", "gateway")
# Part of the public interface of a library that we name.
COMPANIONS = {"anyio": "starlette", "markupsafe": "jinja2", "pydantic": "pydantic-settings", "urllib3": "minio"}
# What a library loads when its name stands in an address or a form arrives.
CODECS = {"pylibjpeg", "pylibjpeg-libjpeg", "pylibjpeg-openjpeg", "pylibjpeg-rle"}  # pydicom loads what it finds
LOADED_BY_NAME = {"aiosqlite", "psycopg", "python-multipart", "redis"} | CODECS


def test_the_ground_floor_imports_the_standard_library_and_itself():
    domain = [module for module in modules() if module.name.startswith("service/beeldpas/domain/")]
    imported = {name for module in domain for name in _imports(module) if not name.startswith("beeldpas.domain")}
    assert {name for name in imported if name.partition(".")[0] not in sys.stdlib_module_names} == set()


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_program_imports_only_what_its_extra_brings(program: str):
    imported = {supplier for module in modules() if _is_part_of(program, module) for supplier in _suppliers(module)}
    assert imported - _brought_by(program) == set()


def test_the_receivers_command_starts_without_any_server_installed():
    servers = set().union(*map(_brought_by, PROGRAMS)) - _brought_by("receiver")
    roots = {top for top, suppliers in SUPPLIERS.items() if servers & {canonicalize_name(name) for name in suppliers}}
    probe = "import sys, json, beeldpas.receiver.commands; print(json.dumps([*sys.modules]))"
    loaded = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True).stdout
    assert {name.partition(".")[0] for name in json.loads(loaded)} & roots == set()


def test_every_dependency_is_used():
    used = {supplier for module in modules() for supplier in _suppliers(module)}
    assert set().union(*map(_brought_by, PROGRAMS)) - used - LOADED_BY_NAME == set()


def test_the_command_starts_without_any_program_installed():
    probe = "import sys, json, beeldpas.cli; print(json.dumps([name for name in sys.modules if '.' not in name]))"
    loaded = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True).stdout
    assert set(json.loads(loaded)) & {"starlette", "sqlalchemy", "pydicom", "weasyprint", "jinja2"} == set()


def _is_part_of(program: str, module: Module) -> bool:
    """Say whether a program may load the module: its own rooms and the shared floors.

    Of the codecs DICOM is the hospital's, and XML is read by the portal alone.
    """
    if not module.name.startswith("service/beeldpas/"):
        return False
    room = module.name.split("/")[2]
    if room == "formats":
        foreign = ({"pydicom", "isal"} if program != "gateway" else set()) | (
            {"lxml"} if program != "portal" else set()
        )
        return not foreign & set(_suppliers(module))
    return room == program or room not in {*PROGRAMS, "receiver", "demo"}


def _suppliers(module: Module) -> set[str]:
    """The packages whose modules are imported, each under the name by which pyproject asks for it."""
    tops = {name.partition(".")[0] for name in _imports(module)} - {"beeldpas"}
    found = {canonicalize_name(package) for top in tops for package in SUPPLIERS.get(top, ())}
    return {COMPANIONS.get(name, name) for name in found}


def _imports(module: Module) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


def _brought_by(extra: str) -> set[str]:
    """What somebody gets who installs `beeldpas[extra]`, by the names in pyproject."""
    needed = [Requirement(text) for text in PROJECT["dependencies"] + PROJECT["optional-dependencies"][extra]]
    inner = [name for one in needed if one.name == "beeldpas" for name in one.extras]
    named = {canonicalize_name(one.name) for one in needed if one.name != "beeldpas"}
    return named.union(*map(_brought_by, inner))
