"""Keeping native decoders out of a process: what pydicom would load by itself is said not to be installed."""

import sys

CODECS = ("pylibjpeg", "libjpeg", "openjpeg", "rle", "PIL", "gdcm", "jpeg_ls")


def keep_out() -> None:
    """Make importing a decoder fail, in this process, for good; must come before pydicom is loaded."""
    for name in CODECS:
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]
