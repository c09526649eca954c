"""Every page and state, and how people come to it: walks that start at a front door and find things by their words.

A page that is new gets a `Look` in the walk that passes it. What stands here is swept (`test_accessibility.py`), kept
as pictures (`test_gallery.py`), and listed in docs/accessibility.md and, for states, docs/states.md.
"""

from __future__ import annotations

from tests.browser import (
    pages_downloads,
    pages_ends,
    pages_examinations,
    pages_helpdesk,
    pages_patient,
    pages_provider,
)

WALKS = (
    pages_patient.FRONT,
    pages_patient.REFUSED,
    pages_patient.SHARING,
    pages_patient.CHILD,
    pages_patient.READING,
    pages_examinations.FINDING,
    pages_examinations.CHANGING,
    pages_examinations.WITHOUT_SCRIPTS,
    pages_provider.MISTAKES,
    pages_provider.TWO_ORGANISATIONS,
    pages_provider.SIGNING_IN,
    pages_downloads.DOWNLOADING,
    pages_helpdesk.CALLS,
    pages_helpdesk.EVERYTHING,
    pages_helpdesk.SECOND_PERSON,
    pages_ends.TOO_LATE,
    pages_ends.MAILS,
)
# Without scripts axe cannot run: what is seen only then is walked (`test_without_scripts.py`), not swept.
SWEPT = tuple(walk for walk in WALKS if walk.scripts)
