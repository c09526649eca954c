"""What a screen reader says where the letter's signs are no words: the code sign by sign, names as they were typed.

WeasyPrint tags pictures with their alternative, but has no word for text that is read otherwise than it is drawn;
and of scripts whose letters join (Arabic) it notes the shapes, from which no reader finds the letters again.
*Source:* ISO 14289-1, 7.1 and ISO 32000-1, 14.9.4 (ActualText of a structure element).
"""

from collections.abc import Callable, Sequence
from typing import Any

import pydyf

_ELEMENT, _SPAN = "/StructElem", "/Span"


def spelled(grouped_code: str) -> str:
    """Return "7 K Q 2. M 9 X D. ...": each sign by itself, a rest after each group; typed so, it is the code too."""
    return ". ".join(" ".join(group) for group in grouped_code.split())


def reads_spans_as(texts: Sequence[str]) -> Callable[[Any, pydyf.PDF], None]:
    """Return what finishes a PDF whose template has a `span` in each of `len(texts)` paragraphs, in this order.

    The finisher raises RuntimeError when there are more or less: better no letter than one that is read wrongly.
    """

    def finish(_document: Any, pdf: pydyf.PDF) -> None:
        lines: dict[bytes, list[pydyf.Dictionary]] = {}
        for element in filter(_is_written_span, pdf.objects):
            lines.setdefault(element["P"], []).append(element)
        if len(lines) != len(texts):
            raise RuntimeError(f"{len(lines)} paragraphs of the letter have a span, not {len(texts)}")
        for text, (first, *others) in zip(texts, lines.values(), strict=True):
            first["ActualText"] = pydyf.String(text)
            for more in others:  # a span over several lines is several elements
                more["ActualText"] = pydyf.String("")

    return finish


def _is_written_span(element: Any) -> bool:
    """Tell a `span` of the template from the spans that hold its very characters, which have numbers for kids."""
    is_span = isinstance(element, pydyf.Dictionary) and element.get("Type") == _ELEMENT and element.get("S") == _SPAN
    return is_span and not any(isinstance(kid, int) for kid in element["K"])
