"""The steps of the check, one chapter a file, in the order of `journey.py`."""
