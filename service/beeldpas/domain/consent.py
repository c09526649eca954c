"""What a patient agrees to when making a share. Each version of the text has a name, and never changes after that.

The name and language are kept with the share, so that it can be shown years later what somebody agreed to. A text
that has to change gets a new name here, and its own lines in the catalogues; the old lines stay.
*Source:* AVG art. 7(1) (consent can be shown), art. 9(2)(a); Wabvpz art. 15a; netherlands.md §1.4 (DigiD, rule D2).
"""

CURRENT = "2026-11"
PARTS = 4


def text_name(language: str) -> str:
    """Return the name of the text as it is shown now in this language: "2026-11/nl"."""
    return f"{CURRENT}/{language}"
