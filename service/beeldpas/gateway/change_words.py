"""What changed in a download, in words: since the patient confirmed, and since this receiver's earlier download.

Nothing is said where nothing changed, so that two downloads of one selection stay the same bytes.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from beeldpas.formats.evidence import QUALITY, RETENTION, SAFETY, WORKLIST
from beeldpas.gateway.changes import Changes, StudyChanges

WORDS: Mapping[str, Mapping[str, str]] = {
    "nl": {
        "confirmed": "Gewijzigd sinds de patiënt deze beelden koos",
        "earlier": "Gewijzigd sinds uw vorige download",
        "replaced": "Verslagen waarvan een nieuwere versie is",
        "added": "{n} toegevoegd",
        "corrected": "{n} verbeterd",
        "amended": "{n} verslag vervangen door een nieuwere versie",
        "gone": "{n} niet meer aanwezig",
        QUALITY: "{n} ingetrokken (kwaliteit onvoldoende)",
        SAFETY: "{n} ingetrokken (veiligheid van de patiënt: niet meer gebruiken)",
        WORKLIST: "{n} ingetrokken (bij de verkeerde aanvraag of patiënt gemaakt: niet meer gebruiken)",
        RETENTION: "{n} ingetrokken (bewaartermijn verstreken)",
        "by": "{old}  vervangen door {new}",
        "whole": "onderzoek {uid}",
        "held_back": "Wat dit ziekenhuis niet geeft",
        "held_back_n": "Aantal onderzoeken dat het volgens eigen regels niet aan u geeft: {n}. Bel het ziekenhuis.",
    },
    "en": {
        "confirmed": "Changed since the patient chose these images",
        "earlier": "Changed since your earlier download",
        "replaced": "Reports of which there is a newer version",
        "added": "{n} added",
        "corrected": "{n} corrected",
        "amended": "{n} report replaced by a newer version",
        "gone": "{n} no longer there",
        QUALITY: "{n} withdrawn (insufficient quality)",
        SAFETY: "{n} withdrawn (patient safety: do not use any more)",
        WORKLIST: "{n} withdrawn (made for the wrong order or patient: do not use any more)",
        RETENTION: "{n} withdrawn (retention period over)",
        "by": "{old}  replaced by {new}",
        "whole": "examination {uid}",
        "held_back": "What this hospital does not give",
        "held_back_n": "Examinations that it does not give to you, by rules of its own: {n}. Phone the hospital.",
    },
}


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with the lines below it."""

    title: str
    lines: tuple[str, ...]


def sections(
    changes: Changes, folders: Mapping[str, str], reports: Mapping[str, str], language: str
) -> tuple[Section, ...]:
    """Say what changed; `folders` by study UID and `reports` by SOP UID are places in the download."""
    words = WORDS.get(language, WORDS["en"])
    replaced = [
        words["by"].format(old=reports[old], new=reports[new])
        for old, new in changes.replaced
        if old in reports and new in reports
    ]
    kept = (words["held_back_n"].format(n=changes.held_back),) if changes.held_back else ()
    found = (
        Section(words["held_back"], kept),
        Section(words["confirmed"], tuple(_studies(changes.since_confirmed or (), folders, words))),
        Section(words["earlier"], tuple(_studies(changes.since_earlier or (), folders, words))),
        Section(words["replaced"], tuple(replaced)),
    )
    return tuple(one for one in found if one.lines)


def _studies(studies: Sequence[StudyChanges], folders: Mapping[str, str], words: Mapping[str, str]) -> Iterator[str]:
    for study in studies:
        place = folders.get(study.study_uid) or words["whole"].format(uid=study.study_uid)
        yield f"{place}: {', '.join(_counts(study, words))}"


def _counts(study: StudyChanges, words: Mapping[str, str]) -> Iterator[str]:
    codes = [code for _, code in study.rejected]
    counted = [(code, codes.count(code)) for code in (SAFETY, WORKLIST, QUALITY, RETENTION)]
    counted += [("gone", len(study.gone)), ("corrected", len(study.corrected))]
    counted += [("amended", len(study.amended)), ("added", len(study.added))]
    return (words[name].format(n=count) for name, count in counted if count)


def listed(changes: Changes) -> dict[str, list[dict[str, object]]]:
    """Return the same for programs, by UID; only the moments since which something changed."""
    moments = (("since_confirmed", changes.since_confirmed), ("since_earlier_download", changes.since_earlier))
    return {name: [_listed(study) for study in studies] for name, studies in moments if studies}


def _listed(study: StudyChanges) -> dict[str, object]:
    return {
        "study_uid": study.study_uid,
        "added": list(study.added),
        "corrected": list(study.corrected),
        "rejected": [{"sop_uid": uid, "code": code} for uid, code in study.rejected],
        "amended": [{"sop_uid": old, "by": new} for old, new in study.amended],
        "gone": list(study.gone),
    }
