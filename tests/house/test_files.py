"""The rules for a file: how long, what it is called, what it says of itself, and what never stands in one."""

import ast
import re

from tests.house.tree import Module, code_lengths, files, modules, name_of, texts

AIM, CEILING = 250, 300
TESTS_CEILING = 400  # a story with its table of refusals may be long
MOST_FUNCTIONS, FUNCTION_CEILING = 30, 50
# A file that is longer than we aim for, and why it stays one file. Nothing passes the ceiling.
LONGER_FOR_A_REASON: dict[str, str] = {}

MEANINGLESS = {"common", "helper", "helpers", "manager", "managers", "misc", "util", "utils"}
CATCH_ALLS = {
    "service/beeldpas/web/errors.py": "the outermost handler",
    "service/beeldpas/portal/registries/asking.py": "one registry's failure is not the others'",
    "service/beeldpas/web/steady.py": "what runs beside a program goes on",
}
# Names of namespaces and of places that cannot exist (RFC 2606, RFC 6761), never of a place to download from.
KNOWN_HOSTS = {
    "abonnee.dezi.nl",  # the issuer of Dezi declarations
    "dicom.nema.org",
    "eidas.europa.eu",
    "fhir.nl",
    "hl7.org",
    "ihe.net",
    "joinup.ec.europa.eu",
    "loinc.org",
    "minvws.nl",
    "profiles.ihe.net",
    "snomed.info",
    "terminology.hl7.org",
    "www.w3.org",
}
MADE_UP = re.compile(r"(^|\.)(example|example\.(com|org|net)|test|invalid|localhost)$|^[\d.]+$|^[a-z]+$")


def test_files_have_a_size_that_fits_one_sitting():
    tests = {name: lines for name, lines in code_lengths() if name.startswith("tests/")}
    assert {name: lines for name, lines in tests.items() if lines > TESTS_CEILING} == {}
    too_long = {name: lines for name, lines in code_lengths() if lines > AIM and name not in tests}
    assert {name: lines for name, lines in too_long.items() if lines > CEILING} == {}
    assert too_long.keys() == LONGER_FOR_A_REASON.keys()


def test_functions_fit_one_screen():
    found = {
        f"{module.name}:{name}": lines
        for module in modules()
        if "/migrations/versions/" not in module.name  # a list of columns, written once
        for name, lines in module.functions()
    }
    assert {name: lines for name, lines in found.items() if lines > FUNCTION_CEILING} == {}
    assert sorted(found.values())[len(found) * 9 // 10] <= MOST_FUNCTIONS


def test_no_file_or_class_has_a_name_that_means_everything():
    parts = {part for file in files() for part in name_of(file).split("/")}
    meaningless = {part for part in parts if MEANINGLESS & set(re.split(r"[._-]", part.lower()))}
    classes = {node.name for module in modules() for node in ast.walk(module.tree) if isinstance(node, ast.ClassDef)}
    meaningless |= {name for name in classes if re.search(r"(Manager|Helper|Util|Utils)$", name)}
    assert meaningless == set()


def test_every_module_says_what_it_is():
    assert [module.name for module in modules() if not ast.get_docstring(module.tree)] == []


def test_every_public_function_of_the_service_says_what_it_does():
    silent = [
        f"{module.name}:{node.name}"
        for module in modules()
        if module.name.startswith("service/") and "/migrations/" not in module.name
        for node in _public_functions(module)
        if not ast.get_docstring(node) and ast.unparse(node.body[-1]) != "..."  # a member of a protocol
    ]
    assert silent == []


def test_everything_is_caught_in_three_places_only():
    catching = {module.name for module in modules() for node in ast.walk(module.tree) if _catches_everything(node)}
    assert catching <= CATCH_ALLS.keys()


def test_nothing_is_left_for_later_and_no_test_looks_away():
    later = re.compile(
        r"\b(" + "TO" + r"DO|FIX" + r"ME|X" + r"XX)\b|mark\.(skip|xfail)|pytest\.(skip|xfail|importorskip)\("
    )
    assert [name for name, text in texts() if not name.endswith("/test_files.py") and later.search(text)] == []


def test_no_file_knows_the_machine_it_was_written_on():
    somewhere = re.compile(r"(?<![\w.:/}\"-])/(work|root|home|Users)/\w")
    assert [f"{name}: {found}" for name, text in texts() if (found := somewhere.search(text))] == []


def test_no_file_holds_an_address_to_download_from():
    addresses = {
        f"{name}: {host}"
        for name, text in texts()
        if not name.endswith("package-lock.json")  # funding links; test_locks.py reads it more closely
        for host in re.findall(r"\bhttps?://(?:[^\s/@\"'<>]*@)?([A-Za-z0-9.-]+)", text)
        if host not in KNOWN_HOSTS and not MADE_UP.search(host.rstrip("."))
    }
    assert addresses == set()


def _public_functions(module: Module) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Functions of the module and methods of its public classes; not what is nested in a function."""
    holders = [module.tree, *(n for n in module.tree.body if isinstance(n, ast.ClassDef) and n.name[0] != "_")]
    return [
        node
        for holder in holders
        for node in holder.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("_")
    ]


def _catches_everything(node: ast.AST) -> bool:
    if not isinstance(node, ast.ExceptHandler):
        return False
    if node.type is not None and ast.unparse(node.type) == "BaseException":
        last = node.body[-1]  # tidying up is fine when the error goes on
        return not (isinstance(last, ast.Raise) and last.exc is None)
    return node.type is None or "Exception" in {part.id for part in ast.walk(node.type) if isinstance(part, ast.Name)}
