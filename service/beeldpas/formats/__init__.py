"""Pure codecs that two programs share, or that stand on a standard of their own. No I/O."""
