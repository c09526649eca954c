"""No program of ours parses XML, so no entity of anybody's is ever expanded; what we write in XML is written only."""

import ast

from tests.house.tree import modules

PARSERS = {
    "fromstring",
    "fromstringlist",
    "XML",
    "XMLParser",
    "XMLPullParser",
    "iterparse",
    "parseString",
    "expat",
    "sax",
    "pulldom",
}
LIBRARIES = {"lxml", "xmltodict", "defusedxml", "bs4", "untangle", "feedparser"}


def test_no_program_parses_xml() -> None:
    found = [
        f"{module.name}: {name}"
        for module in modules()
        if module.name.startswith("service/")
        for name in _names(module.tree)
        if name.split(".")[0] in LIBRARIES or (name.startswith("xml.") and set(name.split(".")) & PARSERS)
    ]
    assert found == []


def _names(tree: ast.AST) -> list[str]:
    """Everything that is imported, and everything of an XML module that is used, by its full name."""
    names, known = [], {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names += [one.name for one in node.names]
            known |= {(one.asname or one.name).partition(".")[0]: one.name for one in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names += [f"{node.module}.{one.name}" for one in node.names]
            known |= {one.asname or one.name: f"{node.module}.{one.name}" for one in node.names}
    used = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)]
    return names + [f"{known[node.value.id]}.{node.attr}" for node in used if node.value.id in known]  # type: ignore[attr-defined]
