"""Keeping native decoders out of a process: what pydicom would load by itself is said not to be installed."""

import sys

# numpy decodes nothing, but only decoded pixels need it, and it takes tens of megabytes.
CODECS = ("pylibjpeg", "libjpeg", "openjpeg", "rle", "PIL", "gdcm", "jpeg_ls", "numpy")


def keep_out() -> None:
    """Make importing a decoder fail, in this process, for good; must come before pydicom is loaded."""
    for name in CODECS:
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]
