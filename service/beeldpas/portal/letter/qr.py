"""The QR code of a share link, as SVG: sharp at any size, no picture to fetch.

*Source:* ISO/IEC 18004: level M (15 % may be damaged), quiet zone of four modules.
"""

import io

import segno
from markupsafe import Markup

_QUIET_ZONE = 4


def qr_svg(text: str) -> Markup:
    """Return the code as an `svg` element, black on white; it has no size of its own."""
    file = io.BytesIO()
    segno.make(text, error="m", boost_error=False, micro=False).save(
        file, kind="svg", border=_QUIET_ZONE, dark="#000", light="#fff", xmldecl=False, omitsize=True, nl=False
    )
    return Markup(file.getvalue().decode())  # noqa: S704  (made here of modules alone; the text is not in it)
