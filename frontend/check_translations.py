"""Finds texts that are missing, unused, untranslated or that differ in their placeholders. Part of `make check`.

A key is used when it stands in a template, in the viewer's or in the portal's code, whole or as the beginning of a
key that is put together there (`t("modality." ~ code)`, `f"body.{part}"`). A state is used when something names it
as a reason. Exit status 1 when anything is found.
"""

import re
import sys
from collections.abc import Iterable
from pathlib import Path

from babel.messages.catalog import Catalog
from named_states import states_without_a_cause

from beeldpas.portal.words.catalogue import LANGUAGES, read_catalogue

HERE = Path(__file__).parent
CODE = HERE.parent / "service" / "beeldpas" / "portal"
_TEXT = re.compile(r"""["']([a-z_0-9]+(?:\.[A-Za-z_0-9{}.]*)+)["']( ~)?""")
_FILES = (".html", ".json", ".css", ".ts", ".svg", ".pdf")
_PLACEHOLDER = re.compile(r"\{([a-z_0-9]*)\}")
# States are named by the reasons of errors and policies, wherever in the service those are raised.
_BY_REASON = ("state.",)
# The same in both languages, or not words at all.
_MAY_BE_EQUAL = re.compile(r"^(language|side)\.")


def main() -> int:
    """Print what is wrong and return how many things are."""
    catalogues = {language: read_catalogue(HERE / "locales" / language) for language in LANGUAGES}
    faults = [*_missing(catalogues), *_unused(catalogues), *_unlike(catalogues), *_unreachable(catalogues)]
    faults += [f"state.{one} has no cause" for one in states_without_a_cause(HERE.parent, _keys(catalogues["nl"]))]
    for fault in faults:
        print(fault)  # noqa: T201
    return min(len(faults), 1)


def _keys(catalogue: Catalog) -> dict[str, tuple[str, ...]]:
    """Return each key with its texts: one, or one for each plural form."""
    found = {}
    for message in catalogue:
        if message.id:
            key = message.id[0] if isinstance(message.id, tuple) else message.id
            found[key] = message.string if isinstance(message.string, tuple) else (message.string,)
    return found


def _mentions() -> tuple[set[str], set[str]]:
    """Return the whole keys and the beginnings of keys that templates and code mention."""
    whole, beginnings = set[str](), set[str]()
    code = (path for path in CODE.rglob("*.py") if "store" not in path.parts)
    for path in [*HERE.glob("templates/**/*.html"), *HERE.glob("viewer/*.ts"), *code]:
        for key, joined in _TEXT.findall(path.read_text(encoding="utf-8")):
            begun, brace, _ = key.partition("{")
            if brace or joined:
                beginnings.add(begun)
            elif not key.endswith(_FILES):
                whole.add(key)
    return whole, beginnings


def _missing(catalogues: dict[str, Catalog]) -> Iterable[str]:
    every = set().union(*(_keys(catalogue) for catalogue in catalogues.values()))
    for language, catalogue in catalogues.items():
        texts = _keys(catalogue)
        yield from (f"{language}: {key} is missing" for key in sorted(every - texts.keys()))
        yield from (f"{language}: {key} is empty" for key, forms in texts.items() if not all(forms))


def _unused(catalogues: dict[str, Catalog]) -> Iterable[str]:
    whole, beginnings = _mentions()
    starts = (*beginnings, *_BY_REASON)
    for key in _keys(catalogues[LANGUAGES[0]]):
        if key not in whole and not key.startswith(starts):
            yield f"{key} is used nowhere"


def _unlike(catalogues: dict[str, Catalog]) -> Iterable[str]:
    """Every language beside the first: other placeholders, or the very same words."""
    first, *others = ((language, _keys(catalogues[language])) for language in LANGUAGES)
    for language, texts in others:
        for key in sorted(first[1].keys() & texts.keys()):
            here, there = first[1][key], texts[key]
            if set(_PLACEHOLDER.findall(" ".join(here))) != set(_PLACEHOLDER.findall(" ".join(there))):
                yield f"{language}: {key} has other placeholders"
            if here == there and not _MAY_BE_EQUAL.match(key) and " " in _PLACEHOLDER.sub("", here[0]).strip():
                yield f"{language}: {key} is not translated"


def _unreachable(catalogues: dict[str, Catalog]) -> Iterable[str]:
    """Whole keys that pages ask for and no catalogue has."""
    known = _keys(catalogues[LANGUAGES[0]])
    areas = {key.partition(".")[0] for key in known}
    for key in sorted(_mentions()[0]):
        area, _, rest = key.partition(".")
        if area in areas and rest and key not in known and not any(other.startswith(key) for other in known):
            yield f"{key} is asked for and does not exist"


if __name__ == "__main__":
    sys.exit(main())
