"""Writes settings files: plain values, tables and lists of tables, which is all that they hold.

*Source:* TOML 1.0; a JSON string is a TOML basic string.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

Table = Mapping[str, Any]


def to_toml(table: Table, name: str = "") -> str:
    """Return a table as TOML: its own values first, then the tables below it."""
    lines = [f"{_key(key)} = {_value(value)}" for key, value in table.items() if not _is_table(value)]
    for key, value in table.items():
        full = f"{name}.{_key(key)}" if name else _key(key)
        if isinstance(value, Mapping):
            lines += ["", f"[{full}]", to_toml(value, full)]
        elif _is_table(value):
            lines += [line for entry in value for line in ("", f"[[{full}]]", to_toml(entry, full))]
    return "\n".join(lines)


def _is_table(value: object) -> bool:
    return isinstance(value, Mapping) or (isinstance(value, list) and bool(value) and isinstance(value[0], Mapping))


def _key(key: str) -> str:
    """A key with a sign that TOML does not take bare, a dot above all, stands between quotes."""
    return key if re.fullmatch(r"[\w-]+", key, re.ASCII) else json.dumps(key)


def _value(value: object) -> str:
    return json.dumps(str(value) if isinstance(value, Path) else value, ensure_ascii=False)
