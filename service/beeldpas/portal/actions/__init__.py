"""The verbs, one file each; all of them run in the frame (`frame.py`)."""
