"""Text of unknown origin on its way into HTML: escaped, and without what steers a page or a terminal unseen.

A name in an image may hold anything; a mark that turns the reading direction round makes a number look like another.
"""

from html import escape


def shown(value: str) -> str:
    """Escape a text for HTML; lines and tabs stay, what else does not print is left out."""
    lines = value.replace("\r\n", "\n").replace("\r", "\n")
    return escape("".join(sign for sign in lines if sign in "\n\t" or sign.isprintable()))
