"""XML is parsed in one place, which knows no DTD, so nobody's entity is ever expanded; else it is written only.

Document registries answer in XML and in nothing else (XDS, decision 0044): that is why there is one place at all.
"""

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
THE_ONE_PLACE = "service/beeldpas/formats/sound_xml.py"
LIBRARIES = {"lxml", "xmltodict", "defusedxml", "bs4", "untangle", "feedparser"}


def test_no_program_parses_xml_but_in_one_place() -> None:
    found = [
        f"{module.name}: {name}"
        for module in modules()
        if module.name.startswith("service/") and module.name != THE_ONE_PLACE
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
