"""What changed in a study since the patient confirmed it, in words."""

from beeldpas.portal.registries.held import StudyChanges
from beeldpas.portal.words.voice import Voice


def changed_words(say: Voice, changes: StudyChanges) -> str:
    """Say how much changed: "1 toegevoegd, 2 ingetrokken"; empty when nothing did."""
    counts = (
        ("changed.withdrawn", changes.withdrawn),
        ("changed.corrected", changes.corrected),
        ("changed.amended", changes.amended),
        ("changed.added", changes.added),
    )
    return ", ".join(say.count(key, count) for key, count in counts if count)
