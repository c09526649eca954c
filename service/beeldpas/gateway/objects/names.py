"""The names of files as keys that anybody can write down, and back again.

A file's name is bytes of somebody else's choosing: it may hold line ends, terminal codes or no text at all. What is
not printable stands in the key as `%` and two hexadecimal digits, as in an address; so does `%` itself.

*Source:* RFC 3986 §2.1 (percent-encoding).
"""

import os
from urllib.parse import quote_from_bytes, unquote_to_bytes

LONGEST_KEY = 1024


def key_of(path: str) -> str:
    """Return the key of a path with forward slashes."""
    if path.isprintable() and "%" not in path:
        return path
    return "".join(map(_written, path))


def path_of(key: str) -> str:
    """Return the path that a key stands for."""
    return os.fsdecode(unquote_to_bytes(key)) if "%" in key else key


def _written(character: str) -> str:
    plain = character.isprintable() and character != "%"
    return character if plain else quote_from_bytes(os.fsencode(character), safe="")
