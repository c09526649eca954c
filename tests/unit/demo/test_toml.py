"""Settings files are written so that every program reads back what was meant."""

import tomllib
from pathlib import Path

from beeldpas.demo.toml import to_toml


def test_nested_tables_and_lists_come_back() -> None:
    table = {
        "name": 'Ziekenhuis "Noord" é',
        "port": 1,
        "tls": True,
        "bases": ["own", "share"],
        "objects": {"kind": "folder", "deep": {"x": 1}},
        "issuers": [{"iss": "a"}, {"iss": "b", "more": {"y": "z", "1.3.6.1": "an OID"}}],
    }
    assert tomllib.loads(to_toml(table)) == table


def test_paths_are_text() -> None:
    assert tomllib.loads(to_toml({"root": Path("/a b/c")})) == {"root": "/a b/c"}
