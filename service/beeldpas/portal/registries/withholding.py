"""What a hospital does not show a representative is left out of an answer, whoever gave the answer.

Our own index does not tell it in the first place; another one may not know who asks.
"""

from dataclasses import replace

from beeldpas.formats.found import Found
from beeldpas.portal.registries.question import Question


def seen_by(found: Found, question: Question) -> Found:
    """Return what whoever asks may know of."""
    if question.asker == "patient" and question.role == "patient":
        return found
    whom = "representatives" if question.asker == "patient" else "providers"
    studies = tuple(one for one in found.studies if whom not in one.withheld_from)
    hidden = {one.study.uid for one in found.studies if whom in one.withheld_from} - {s.study.uid for s in studies}
    reports = (one for one in found.reports if whom not in one.withheld_from)
    return replace(
        found, studies=studies, reports=tuple(one for one in reports if not hidden & {*one.report.studies})
    )
